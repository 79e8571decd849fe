"""What the code of a case can come from."""

CODES = ("stem", "parent", "PatientID", "AccessionNumber")
# These lead to a person: a pseudonym takes their place, and no file's name is kept.
PSEUDONYMISED = CODES[2:]
