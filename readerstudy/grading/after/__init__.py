"""What comes after a session: the guess at the sources."""
