"""Reporting checklists, filled as far as protocol and results tell.

The items are told in our own words and counted as the guidelines count them; whoever
submits fills in the official form. Nothing here says that a study complies.
"""
