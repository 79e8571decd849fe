"""What a browser or a script sends about a page: parsed into replies and logs."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from readerstudy.grading.models import Preference
from readerstudy.grading.reply import LONGEST_TEXT, MOST_MARKS, Mark, Reply
from readerstudy.grading.timing import KINDS
from readerstudy.grading.visits import VisitLog
from readerstudy.studies.instruments import ERROR_CATEGORIES
from readerstudy.studies.models import GRADES

# More than a working week on one report is a broken clock.
LONGEST_MS = 7 * 24 * 3600 * 1000
MOST_EVENTS = 5000
MOST_VISITS = 50


class MarkBody(serializers.Serializer[Any]):
    category = serializers.ChoiceField(choices=list(ERROR_CATEGORIES))
    significant = serializers.BooleanField()
    sentence = serializers.IntegerField(min_value=0, allow_null=True, default=None)
    start = serializers.IntegerField(min_value=0, default=0)
    end = serializers.IntegerField(min_value=0, default=0)
    replacement = serializers.CharField(
        allow_blank=True, max_length=LONGEST_TEXT, default="", trim_whitespace=False
    )


class ReplyBody(serializers.Serializer[Any]):
    """The answers about one report."""

    letter = serializers.ChoiceField(
        choices=GRADES, allow_null=True, allow_blank=True, default=None
    )
    comment = serializers.CharField(
        allow_blank=True, max_length=LONGEST_TEXT, default="", trim_whitespace=False
    )
    cannot_assess = serializers.CharField(allow_blank=True, max_length=20, default="")
    answers = serializers.DictField(
        child=serializers.CharField(max_length=20), default=dict
    )
    marks = serializers.ListField(child=MarkBody(), default=list, max_length=MOST_MARKS)


# The names of keys, tools and the like; PostgreSQL keeps no NUL.
_DETAIL = re.compile(r"[^\x00-\x1f\ud800-\udfff]{0,40}").fullmatch


class EventField(serializers.ListField):
    """[milliseconds, kind, detail]"""

    child = serializers.JSONField()

    def to_internal_value(self, data: Any) -> Any:
        match data:
            case [int(at_ms), str(kind), *rest] if (
                0 <= at_ms <= LONGEST_MS
                and kind in KINDS
                and len(rest) <= 1
                and all(isinstance(each, str) and _DETAIL(each) for each in rest)
            ):
                return (at_ms, kind, rest[0] if rest else "")
        raise serializers.ValidationError(
            "An event is [milliseconds, kind, detail]; kinds are " + ", ".join(KINDS)
        )


class VisitBody(serializers.Serializer[Any]):
    """The event log of one opening of the page."""

    key = serializers.RegexField(r"^[0-9a-zA-Z_-]{8,32}$")
    began_at = serializers.DateTimeField()
    events = serializers.ListField(child=EventField(), max_length=MOST_EVENTS)


class PageBody(ReplyBody):
    """One reply, or in `reports` the two of a pair, with the page's event logs."""

    reports = serializers.ListField(
        child=ReplyBody(), required=False, min_length=2, max_length=2
    )
    preference = serializers.ChoiceField(
        choices=Preference.Choice.choices, allow_blank=True, default=""
    )
    visits = serializers.ListField(
        child=VisitBody(), default=list, max_length=MOST_VISITS
    )


class DraftBody(PageBody):
    """A page as it stands; `times_only` keeps the logs and leaves the answers alone."""

    times_only = serializers.BooleanField(default=False)


class GradeBody(PageBody):
    """A page, the one shown after it, and whether the one behind that is to be sent."""

    idempotency_key = serializers.CharField(min_length=8, max_length=64)
    opens = serializers.CharField(max_length=24, allow_blank=True, default="")
    ahead = serializers.BooleanField(default=False)


# Made once: to make a serializer takes longer than to check a page with it.
DRAFT, GRADE = DraftBody(), GradeBody()


def page_of_body(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return replies, preference and visits as the services take them."""
    reports = content.get("reports") or [content]
    return {
        "replies": [_reply(each) for each in reports],
        "preference": content["preference"],
        "visits": [_visit(each) for each in content["visits"]],
    }


def _reply(content: Mapping[str, Any]) -> Reply:
    return Reply(
        letter=content["letter"] or "",
        comment=content["comment"],
        cannot_assess=content["cannot_assess"],
        answers=content["answers"],
        marks=tuple(Mark(**mark) for mark in content["marks"]),
    )


def _visit(content: Mapping[str, Any]) -> VisitLog:
    began_at: datetime.datetime = content["began_at"]
    return VisitLog(content["key"], began_at, tuple(content["events"]))
