"""Stage classify (1A): the image encoder learns whether an image is normal.

The paper asks for this one label. A small encoder that is trained from nothing on few
images learns little from it, so phantoms may add, by the settings, every finding by
site for the whole image and for each patch. The heads are thrown away after stage
contrast.
"""

import torch
from torch import nn
from torch.nn import functional

from inference.phantom.findings import APPEARANCES, FINE_LABELS
from inference.train.data import ManifestData, PhantomData, Rows, TrainingData
from inference.train.settings import EncoderSettings


class EncoderHeads(nn.Module):
    """Linear heads: abnormal or not, findings by site, and what each patch shows."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.abnormal = nn.Linear(width, 1)
        self.site = nn.Linear(width, len(FINE_LABELS))
        self.patch = nn.Linear(width, len(APPEARANCES))
        nn.init.constant_(self.site.bias, -2.0)
        nn.init.constant_(self.patch.bias, -4.0)


def with_known_label(data: TrainingData) -> TrainingData:
    """Only the studies that are known to be normal or abnormal. Raises ValueError."""
    if not isinstance(data, ManifestData):
        return data
    known = [
        row
        for row, (_, facts) in enumerate(data.studies)
        if facts.is_abnormal is not None
    ]
    if not known:
        raise ValueError(
            "No study of the manifest has a label that says normal or abnormal."
        )
    return data.only(known)


def encoder_loss(
    heads: EncoderHeads,
    data: TrainingData,
    rows: Rows,
    settings: EncoderSettings,
    tokens: torch.Tensor,
) -> torch.Tensor:
    """Cross-entropy of normal or abnormal, and of what the settings add to it.

    tokens: [B, 1+P, W] of the image encoder, the class token first.
    """
    mean = tokens[:, 1:].float().mean(dim=1)
    logits = heads.abnormal(mean)[:, 0].float()
    loss = functional.binary_cross_entropy_with_logits(
        logits, data.abnormal(rows).to(tokens.device)
    )
    if settings.site_weight or settings.patch_weight:
        loss = loss + _phantom_loss(heads, data, rows, settings, mean, tokens[:, 1:])
    return loss


def _phantom_loss(
    heads: EncoderHeads,
    data: TrainingData,
    rows: Rows,
    settings: EncoderSettings,
    mean: torch.Tensor,
    patch_tokens: torch.Tensor,
) -> torch.Tensor:
    """What only phantoms can teach: every finding by site, for image and patches."""
    if not isinstance(data, PhantomData):
        raise ValueError(
            "site_weight and patch_weight need phantoms: only they know their sites."
        )
    device = mean.device
    labels = torch.from_numpy(data.pool.labels[rows]).float().to(device)
    patches = torch.from_numpy(data.pool.patches[rows]).float().to(device)
    whole = functional.binary_cross_entropy_with_logits(
        heads.site(mean).float(), labels
    )
    local = functional.binary_cross_entropy_with_logits(
        heads.patch(patch_tokens).float(),
        patches.transpose(1, 2),
        pos_weight=torch.tensor(settings.patch_positive, device=device),
    )
    return settings.site_weight * whole + settings.patch_weight * local
