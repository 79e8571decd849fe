"""A reader's sessions for the reader's own calendar, as iCalendar."""
