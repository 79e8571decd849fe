"""All statistics, as small pure modules over numpy, scipy and statsmodels."""

# One more whenever a value or a key changes, so that no stored result set outlives it.
REVISION = 5
