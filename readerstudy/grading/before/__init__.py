"""What stands before a session: consent, the display, practice."""
