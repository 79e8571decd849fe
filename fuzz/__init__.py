"""Coverage-guided fuzzing of whatever reads what strangers made: `make fuzz`.

docs/explanation/hostile-files.md says what may come out.
"""
