"""Who did what, when: an append-only chain of events.

Each event carries the hash of the one before it in its stream (a study's code, or
"site"), so a removed or altered event breaks the chain. An event also carries the
digests of the rows that it tells of (rows.py), so that an altered row is found too.
"""

import datetime
import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import models

from readerstudy.statements import Statement


class Stream(models.Model):
    """The end of one chain; locked while an event is appended."""

    name = models.CharField(max_length=64, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    head_sha256 = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return self.name


lock_stream = Statement(
    lambda name: Stream.objects.filter(name=name), words=["name"], lock="FOR UPDATE"
)


class EventQuerySet(models.QuerySet["Event"]):
    def of_stream(self, name: str) -> "EventQuerySet":
        """Events of one study, oldest first."""
        return self.filter(stream_id=name).order_by("sequence")


class Event(models.Model):
    """One thing that happened. Never changed, never deleted.

    hashed_actor   the number that the actor's account had where the event was written,
                   if that was another server: the hash is over it
    rows           digest by name of the rows of science that came or changed with it;
                   None instead of a digest for a row that went
    """

    stream = models.ForeignKey(Stream, on_delete=models.PROTECT)
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True
    )
    hashed_actor = models.PositiveBigIntegerField(null=True, editable=False)
    verb = models.CharField(max_length=64)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    rows = models.JSONField(null=True, editable=False)
    previous_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "sequence"], name="event_once_per_sequence"
            )
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.sequence} {self.verb}"

    @property
    def actor_number(self) -> int | None:
        """The number of the actor's account where the event was written."""
        return self.actor_id if self.hashed_actor is None else self.hashed_actor

    def digest(self) -> str:
        """SHA-256 over the event's content and the hash before it."""
        return digest_of_event(
            stream=self.stream_id,
            sequence=self.sequence,
            at=self.at,
            actor=self.actor_number,
            verb=self.verb,
            subject=self.subject,
            detail=self.detail,
            rows=self.rows,
            previous=self.previous_sha256,
        )


def digest_of_event(
    *, at: datetime.datetime, rows: dict[str, str | None] | None, **said: Any
) -> str:
    """SHA-256 over what an event says.

    `rows` counts where there are any: events of before carried none.
    """
    content = said | {"at": at.isoformat()} | ({} if rows is None else {"rows": rows})
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
