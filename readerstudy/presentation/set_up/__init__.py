"""From nothing to an open study: the new study, and the guide through its set-up."""
