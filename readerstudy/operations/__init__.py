"""Running the site: its health, its figures, and what the workers do."""
