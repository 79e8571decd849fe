"""The planning page: how many readers and cases a study needs."""
