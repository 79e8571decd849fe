"""A coordinator reads as a pretend reader; nothing of it is stored."""
