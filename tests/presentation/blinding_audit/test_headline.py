"""What the page says of an audit's number, and of the reader beside it."""

import pytest

from readerstudy.presentation.blinding_audit.page import headline


def found(auc, ci95, p_value):
    return {
        "auc": auc,
        "ci95": ci95,
        "arms": [{}, {}],
        "permutation": {"p_value": p_value},
    }


@pytest.mark.parametrize(
    ("auc", "ci95", "p_value"),
    [(0.48, [0.3, 0.6], 0.7), (0.6, [0.45, 0.75], 0.2), (0.6, None, 0.2)],
)
def test_a_low_number_whose_interval_holds_guessing_may_be_chance(auc, ci95, p_value):
    assert "better than chance may" in headline(found(auc, ci95, p_value))


@pytest.mark.parametrize(
    ("auc", "ci95"), [(0.92, [0.85, 0.97]), (0.75, [0.45, 0.95]), (0.62, [0.53, 0.7])]
)
def test_a_number_above_guessing_is_not_talked_away_by_another_reader(auc, ci95):
    text = headline(found(auc, ci95, 0.08))
    assert "chance may" not in text
    assert f"AUC {auc:.2f}" in text and "p = 0.080" in text


def test_where_both_agree_the_number_speaks():
    text = headline(found(0.92, [0.85, 0.97], 0.001))
    assert "tells the two arms apart with AUC 0.92" in text
