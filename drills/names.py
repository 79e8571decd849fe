"""What both sides of the drill call things; imports nothing."""

CODE = "drill"
PASSWORD = "only-for-this-drill"  # noqa: S105 - of a site that lives for minutes
COORDINATOR, ANALYST = "cora", "anya"
# Collections: of the study, of the reports that are written, of what is uploaded.
READ, WRITTEN, UPLOADED = "drill-read", "drill-written", "drill-uploaded"
SIZE = 192
# The variable that names a file of slots, and the delay that is planted for them.
PLANTED_SLOTS, PLANTED_SECONDS = "PLANTED_SLOTS", 0.002
