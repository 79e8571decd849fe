"""The catalogues of translations in locale/: kept in step with the code, compiled."""
