"""De-identification: the header profile, what was removed, burned-in text."""
