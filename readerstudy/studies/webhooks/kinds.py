"""What a webhook may tell: the event's kind, the study's code and the time.

An allow-list. No event of a reading is on it, and nothing of an event but its kind and
time leaves: no detail, no subject and no actor.
"""

import datetime
import json

SCHEMA = "readerstudy.event/1"
TEST = "webhook.test"
# Verbs of the study's chain, with what coordinators read of each.
KINDS = {
    "study.frozen": "The protocol is locked",
    "study.thawed": "The protocol is a draft again",
    "study.opened": "Reading begins",
    "study.paused": "Reading is paused",
    "study.resumed": "Reading goes on",
    "study.closed": "Reading has ended; results are open",
    "study.archived": "The study is put away",
    "study.amended": "The locked protocol is amended",
    "study.unblinded_early": "Results are opened before the end",
    "reader.withdrawn": "A reader has left",
    "analysis.computed": "Results are computed",
    "study.exported": "A bundle is made",
}


def body_of(*, public_id: str, kind: str, study: str, at: datetime.datetime) -> str:
    """The body of a delivery: JSON of five short texts, the same at every attempt."""
    moment = at.astimezone(datetime.UTC).replace(microsecond=0, tzinfo=None)
    said = {
        "schema": SCHEMA,
        "id": public_id,
        "kind": kind,
        "study": study,
        "at": f"{moment.isoformat()}Z",
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"))
