"""Gunicorn reads this by itself from the folder in which it is started."""

logger_class = "readerstudy.logs.MaskedAccessLog"
