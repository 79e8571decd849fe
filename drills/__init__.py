"""Drills: the whole site, for real, while everything around it fails."""
