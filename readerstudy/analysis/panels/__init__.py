"""What a result set says, as tables of text: pages, DOCX, LaTeX, report.html.

Only formatting; every number comes from the result set.
"""
