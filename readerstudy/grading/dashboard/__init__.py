"""Who reads how fast and how regularly: never which grades, never which arm."""
