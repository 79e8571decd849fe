"""Webhooks: another system is told what happens to a study, and proves who told it."""
