"""Reading what strangers made in a process apart: docs/explanation/hostile-files.md."""
