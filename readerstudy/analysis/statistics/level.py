"""The level of significance where no protocol names another: two-sided."""

ALPHA = 0.05
