from django.db import migrations

from readerstudy.audit.append_only import refuse_changes, refuse_updates

PROTOCOL = (
    "code",
    "seed",
    "minimum_pair_distance",
    "redaction",
    "show_indication",
    "scale",
    "margin_points",
    "protocol",
    "protocol_sha256",
    "frozen_at",
)


class Migration(migrations.Migration):
    """Amendments are never altered, and a frozen protocol neither."""

    dependencies = [("studies", "0001_initial")]

    operations = [
        refuse_updates("studies_amendment"),
        refuse_changes("studies_study", PROTOCOL, once="OLD.protocol_sha256 <> ''"),
    ]
