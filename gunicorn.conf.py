"""Gunicorn reads this by itself from the folder in which it is started."""

logger_class = "readerstudy.logs.MaskedAccessLog"
# Longer than any address of the site: what is longer is refused before it is parsed.
limit_request_line = 4094
limit_request_fields = 60
