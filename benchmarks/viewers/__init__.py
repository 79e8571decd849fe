"""What the benchmark of the viewer is made of: films, pages, other viewers, sums."""
