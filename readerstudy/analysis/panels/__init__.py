"""What a result set says, as tables of text for people: pages, DOCX, LaTeX, report.html.

Only formatting; every number comes from the result set.
"""
