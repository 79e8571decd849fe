"""The whole site in one folder, and back: database, media and key."""
