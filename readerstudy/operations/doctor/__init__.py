"""Whether an installation is as it has to be, in sentences."""
