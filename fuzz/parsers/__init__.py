"""A module a parser: `parse` takes any bytes, and may raise only REFUSALS."""
