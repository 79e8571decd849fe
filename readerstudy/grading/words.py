"""All words that the reading page's scripts say, by section, in the reader's language.

Static modules hold no words of their own: they take them from the page, where the
template _words.html puts this dictionary as JSON. {braces} are filled in the browser.
"""

from django.utils.translation import gettext as _

from readerstudy.grading.key_words import key_words
from readerstudy.grading.page_words import page_words


def reading_words() -> dict[str, dict[str, str]]:
    """Return the words of the reading page: section -> name -> text."""
    return page_words() | {
        "keys": key_words(),
        "form": _form(),
        "marks": _marks(),
    }


def _form() -> dict[str, str]:
    return {
        "choose_grade": _("Choose a grade first: A, B, C or D."),
        "still_to_answer": _("Still to answer: {question}"),
        "say_why": _("Say in the comment why it cannot be assessed."),
        "choose_better": _("Say which report is better."),
        "finish_mark": _("An error is being marked. Enter keeps it, Esc drops it."),
        "of_report": _("Report {number}: {sentence}"),
    }


def _marks() -> dict[str, str]:
    return {
        # Short, and no capital: capitals are grades. "e" stands for error.
        "tag": _("e{number}"),
        "quote": _("“{words}”"),
        "missing": _("Something is missing from the report"),
        "significant": _("significant"),
        "not_significant": _("not significant"),
        "should_read": _("should read “{words}”"),
        "edit": _("Edit"),
        "edit_of": _("Edit {tag}"),
        "remove": _("Remove"),
        "remove_of": _("Remove {tag}"),
        "choose_category": _("Choose what is wrong: 1 to 6."),
        "choose_significance": _("Say whether it matters: S or N."),
        "only_omissions": _(
            "What is missing is 2 or 6. Mark the words for the others."
        ),
        "too_many": _("No more errors can be marked in this report."),
    }
