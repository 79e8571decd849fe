"""Put the image's rows where the sentinel stands, for a whole batch at once."""

from dataclasses import dataclass

import torch

from inference.cxr_llava.configuration import IMAGE_TOKEN_ID


@dataclass(frozen=True)
class Splice:
    """Where each row of the spliced sequence comes from.

    With T text ids and P image rows the spliced length is L = T - 1 + P.
    """

    text_index: torch.Tensor  # [B, L] position among the text ids
    image_index: torch.Tensor  # [B, L] position among the image rows
    is_image: torch.Tensor  # [B, L] which of the two applies

    def text(self, values: torch.Tensor, image_value: int) -> torch.Tensor:
        """Spread [B, T] values to [B, L], with one value for all image rows."""
        spread = values.gather(1, self.text_index)
        return spread.masked_fill(self.is_image, image_value)

    def rows(self, text_rows: torch.Tensor, image_rows: torch.Tensor) -> torch.Tensor:
        """Merge embeddings [B, T, H] and image rows [B, P, H] to [B, L, H]."""
        width = text_rows.shape[-1]
        from_text = text_rows.gather(1, _widened(self.text_index, width))
        from_image = image_rows.gather(1, _widened(self.image_index, width))
        return torch.where(
            self.is_image[..., None], from_image.to(from_text.dtype), from_text
        )


def plan_splice(input_ids: torch.Tensor, patches: int) -> Splice:
    """Plan the splice of one image into each row of ids [B, T].

    Raises ValueError unless every row holds the sentinel exactly once. (The reference
    fails inside the encoder on a turn without an image.)
    """
    is_mark = input_ids == IMAGE_TOKEN_ID
    if not bool((is_mark.sum(dim=1) == 1).all()):
        raise ValueError(
            "Every conversation must show exactly one radiograph: write <image> once, "
            "in the first question."
        )
    mark = is_mark.int().argmax(dim=1, keepdim=True)
    length = input_ids.shape[1] - 1 + patches
    position = torch.arange(length, device=input_ids.device)[None]
    after_mark = position - mark
    is_image = (after_mark >= 0) & (after_mark < patches)
    # An image row reads text row 0 and is then overwritten: gather needs some index.
    text_index = torch.where(after_mark < 0, position, position - patches + 1)
    return Splice(
        text_index=text_index.masked_fill(is_image, 0),
        image_index=after_mark.clamp(0, patches - 1),
        is_image=is_image,
    )


def position_ids_of(attention_mask: torch.Tensor) -> torch.Tensor:
    """Return positions 0..n-1 over what the mask [B, L] keeps; padding gets 0."""
    return (attention_mask.long().cumsum(dim=1) - 1).clamp(min=0)


def _widened(index: torch.Tensor, width: int) -> torch.Tensor:
    return index[..., None].expand(-1, -1, width)
