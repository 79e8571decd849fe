"""A denial or a doubt reaches a whole list, and nothing behind it."""

import pytest

from inference.labeler import label

NAMES = {
    "effusion": "Pleural Effusion",
    "air": "Pneumothorax",
    "pneumonia": "Pneumonia",
    "edema": "Edema",
    "heart": "Cardiomegaly",
}
NO, YES, OPEN = 0, 1, -1


def said(text, **expected):
    values = label(text).values
    return {name: values[NAMES[name]] for name in expected}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Behind it.
        ("Pneumothorax, pneumonia and effusion are not seen.",
         {"air": NO, "pneumonia": NO, "effusion": NO}),
        ("Pleural effusion, pneumothorax, or edema is not identified.",
         {"effusion": NO, "air": NO, "edema": NO}),
        ("Pneumonia, edema and effusion have resolved.",
         {"pneumonia": NO, "edema": NO, "effusion": NO}),
        ("Pneumonia, edema or effusion cannot be excluded.",
         {"pneumonia": OPEN, "edema": OPEN, "effusion": OPEN}),
        ("Pneumothorax, effusion, and edema: none",
         {"air": NO, "effusion": NO, "edema": NO}),
        ("Effusion, pneumothorax: none.", {"effusion": NO, "air": NO}),
        # What stands before another subject is not denied with it.
        ("Small effusion, heart and mediastinum are not enlarged.",
         {"effusion": YES}),
        ("Small effusion, pneumothorax is not seen.", {"effusion": YES, "air": NO}),
        ("Small effusion, in the left base only, and a pneumothorax are not seen.",
         {"effusion": YES}),
        ("Effusion, edema and possible pneumonia.",
         {"effusion": YES, "edema": YES, "pneumonia": OPEN}),
        ("Effusion, edema and resolved pneumonia.",
         {"effusion": YES, "edema": YES, "pneumonia": NO}),
        ("Effusion, pneumothorax and interval chest tube removal.",
         {"effusion": YES, "air": YES}),
        # Before a colon.
        ("Negative for the following: pneumothorax, effusion.",
         {"air": NO, "effusion": NO}),
        ("No evidence of:\n- pneumothorax\n- effusion\n\nEdema.",
         {"air": NO, "effusion": NO, "edema": YES}),
        ("No:\n1. pneumothorax\n2. effusion\nCardiomegaly.",
         {"air": NO, "effusion": NO, "heart": YES}),
        # Numbered on one line.
        ("No evidence of: 1) pneumothorax 2) effusion, 3) edema. Pneumonia.",
         {"air": NO, "effusion": NO, "edema": NO, "pneumonia": YES}),
        ("No (a) pneumothorax, (b) effusion, or (c) edema.",
         {"air": NO, "effusion": NO, "edema": NO}),
        ("Negative for: 1. pneumothorax 2. effusion", {"air": NO, "effusion": NO}),
        ("No 1) pneumothorax 2) effusion 3) small area of pneumonia",
         {"air": NO, "effusion": NO, "pneumonia": YES}),
        ("1) No pneumothorax 2) effusion 3) edema",
         {"air": NO, "effusion": YES, "edema": YES}),
        ("No:\n- pneumothorax\n- possible effusion",
         {"air": NO, "effusion": OPEN}),
    ],
)  # fmt: skip
def test_a_list_is_denied_as_a_whole(text, expected):
    assert said(text, **expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FINDINGS\nNo pneumothorax\nSmall left effusion\nIMPRESSION\nCardiomegaly",
         {"air": NO, "effusion": YES, "heart": YES}),
        ("findings\nno pneumothorax\nimpression\neffusion",
         {"air": NO, "effusion": YES}),
        ("No pneumothorax\nSmall left pleural effusion", {"air": NO, "effusion": YES}),
        ("No pneumothorax \u2013 small effusion", {"air": NO, "effusion": YES}),
        ("\u2022 No pneumothorax \u2022 Small effusion", {"air": NO, "effusion": YES}),
        ("* No pneumothorax * Small effusion", {"air": NO, "effusion": YES}),
        ("1- No pneumothorax 2- Small effusion", {"air": NO, "effusion": YES}),
        ("#1 No pneumothorax #2 Small effusion", {"air": NO, "effusion": YES}),
        # A line that was only wrapped goes on.
        ("No\npneumothorax or\nPleural effusion", {"air": NO, "effusion": NO}),
        ("There is no pneumothorax,\nEffusion or edema",
         {"air": NO, "effusion": NO, "edema": NO}),
    ],
)  # fmt: skip
def test_a_new_line_or_item_is_a_new_statement(text, expected):
    assert said(text, **expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cannot exclude small effusion, no pneumothorax.",
         {"effusion": OPEN, "air": NO}),
        ("Cannot exclude small effusion, pneumothorax not seen.",
         {"effusion": OPEN, "air": NO}),
        ("Cannot exclude pneumonia, effusion is present.",
         {"pneumonia": OPEN, "effusion": YES}),
        ("Cannot exclude pneumonia, edema or effusion.",
         {"pneumonia": OPEN, "edema": OPEN, "effusion": OPEN}),
        ("Incomplete resolution of pneumonia.", {"pneumonia": YES}),
        ("Near complete resolution of effusion.", {"effusion": YES}),
        ("Partial resolution of edema.", {"edema": YES}),
        ("Interval resolution of edema.", {"edema": NO}),
        ("Interval resolution of edema, persistent effusion.",
         {"edema": NO, "effusion": YES}),
        ("Nothing to suggest pneumonia.", {"pneumonia": NO}),
        ("Nothing suggestive of pneumonia.", {"pneumonia": NO}),
        ('<p title="\u00e9">No effusion</p>', {"effusion": NO}),
        ("<span style='font-family:\u2018Arial\u2019'>edema</span>", {"edema": YES}),
    ],
)  # fmt: skip
def test_no_doubt_and_no_resolution_goes_too_far(text, expected):
    assert said(text, **expected) == expected
