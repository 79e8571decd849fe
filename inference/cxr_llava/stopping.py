"""When an answer ends: at the end token, where the model spells it out, or for room."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from transformers import StoppingCriteria

END_TOKEN_ID = 2
END_TEXT = "</s>"
END_TEXT_IDS = 3  # the reference decodes this many ids from the end


def ends_answer(new_ids: Sequence[int], decode: Callable[[Sequence[int]], str]) -> bool:
    """Return whether an answer ends with the last of its ids.

    It does where that id is the end token, or the last three ids read `</s>`.
    `decode` leaves special tokens out.
    """
    if not new_ids:
        return False
    if new_ids[-1] == END_TOKEN_ID:
        return True
    return END_TEXT in decode(new_ids[-END_TEXT_IDS:])


def cut_at_end(
    new_ids: Sequence[int], decode: Callable[[Sequence[int]], str]
) -> tuple[list[int], bool]:
    """Return the ids up to the end of the answer, and whether it has an end.

    What follows the end in a batch's row is padding.
    """
    for length in range(1, len(new_ids) + 1):
        if ends_answer(new_ids[:length], decode):
            return list(new_ids[:length]), True
    return list(new_ids), False


class EndText(StoppingCriteria):
    """The part of the stop rule that `transformers` does not know: `</s>` as letters.

    Decoding at every step would be slow, so only rows whose last piece contains the
    closing bracket are decoded. Ids must hold new tokens only, as in `generate` here.
    """

    def __init__(
        self, decode: Callable[[Sequence[int]], str], vocabulary: Mapping[str, int]
    ) -> None:
        self.decode = decode
        closing = [
            index for piece, index in vocabulary.items() if END_TEXT[-1] in piece
        ]
        # A piece may also be the bare byte of the bracket.
        closing.append(vocabulary.get(f"<0x{ord(END_TEXT[-1]):02X}>", END_TOKEN_ID))
        self.may_close = torch.tensor(sorted(set(closing)))

    def __call__(
        self, input_ids: torch.Tensor, scores: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return which rows end here, [B]."""
        last = input_ids[:, -1]
        ended = torch.zeros(len(last), dtype=torch.bool, device=last.device)
        candidates = torch.isin(last, self.may_close.to(last.device))
        for row in candidates.nonzero().flatten().tolist():
            ended[row] = ends_answer(input_ids[row].tolist(), self.decode)
        return ended


class RowBudget(StoppingCriteria):
    """Ends each row of a batch at its own number of new tokens, [B]."""

    def __init__(self, budgets: torch.Tensor) -> None:
        self.budgets = budgets

    def __call__(
        self, input_ids: torch.Tensor, scores: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return which rows are full. Ids hold new tokens only.

        Beams and repeated answers of one prompt follow each other, as many of each.
        """
        budgets = self.budgets.to(input_ids.device)
        each = len(input_ids) // len(budgets)
        return budgets.repeat_interleave(each) <= input_ids.shape[1]
