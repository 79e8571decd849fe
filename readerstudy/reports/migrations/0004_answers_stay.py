from django.db import migrations

from readerstudy.audit.append_only import refuse_changes, refuse_updates

TURN = (
    "conversation_id",
    "number",
    "kind",
    "question",
    "prompt",
    "decoding",
    "fingerprint",
    "asked_by_id",
    "created_at",
    "answer",
    "provenance",
    "status",
    "attempts",
    "worker",
    "started_at",
    "finished_at",
    "failure",
)


class Migration(migrations.Migration):
    """Conversations are never altered, and a question neither once it is answered."""

    dependencies = [("reports", "0003_conversations")]

    operations = [
        refuse_updates("reports_conversation"),
        refuse_changes("reports_turn", TURN, once="OLD.status = 'done'"),
    ]
