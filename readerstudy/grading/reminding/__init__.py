"""Reminding readers who are behind, by e-mail."""
