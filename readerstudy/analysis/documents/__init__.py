"""A result set as documents: LaTeX and DOCX tables, methods, report.html."""
