"""PostgreSQL as Django's own backend speaks to it, with a cheaper look at a line."""
