"""Stage classify: the image encoder learns which findings an image shows, and where.

The paper asks for one label, normal or abnormal. A small encoder trained from nothing
on few images needs more to start from: every finding by site, for the whole image and
for each patch. The two heads are thrown away afterwards.
"""

import torch
from torch import nn
from torch.nn import functional

from inference.cxr_llava import CxrLlavaForReportGeneration
from inference.phantom.findings import FINE_LABELS
from inference.train.images import PixelSource
from inference.train.loop import Part, batch_rows, train
from inference.train.pool import Pool
from inference.train.settings import StageSettings

PATCH_WEIGHT = 3.0


class ClassifierHeads(nn.Module):
    """Linear heads for the image (last label: any finding) and for each patch."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.image = nn.Linear(width, len(FINE_LABELS) + 1)
        self.patch = nn.Linear(width, len(FINE_LABELS))
        nn.init.constant_(self.image.bias, -2.0)
        nn.init.constant_(self.patch.bias, -4.0)

    def forward(self, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits [B, 23] from the mean of the tokens [B, P, W], and [B, P, 22]."""
        return self.image(tokens.mean(dim=1)), self.patch(tokens)


def classification_loss(
    image_logits: torch.Tensor,
    patch_logits: torch.Tensor,
    labels: torch.Tensor,
    patches: torch.Tensor,
) -> torch.Tensor:
    """Cross-entropy of labels [B, 22] plus that of patches [B, 22, P]."""
    abnormal = labels.any(dim=1, keepdim=True)
    wanted = torch.cat((labels, abnormal), dim=1).float()
    whole = functional.binary_cross_entropy_with_logits(image_logits, wanted)
    local = functional.binary_cross_entropy_with_logits(
        patch_logits, patches.transpose(1, 2).float()
    )
    return whole + PATCH_WEIGHT * local


def classify(
    model: CxrLlavaForReportGeneration, pool: Pool, settings: StageSettings
) -> list[float]:
    """Train the image encoder in place; returns the losses."""
    torch.manual_seed(settings.seed)
    heads = ClassifierHeads(model.config.vision.width)
    pixels = PixelSource(pool, model.config)
    model.train()

    def loss_of_part(part: Part) -> torch.Tensor:
        batch = settings.optimiser.batch
        rows = part.of(batch_rows(settings.seed, part.step, batch, len(pool.images)))
        tokens = model.vision_tower(pixels.values(rows))
        labels = torch.from_numpy(pool.labels[rows])
        patches = torch.from_numpy(pool.patches[rows])
        whole, local = heads(tokens)
        return classification_loss(whole, local, labels, patches)

    modules = {"vision_tower": model.vision_tower, "heads": heads}
    return train(
        "classify",
        modules,
        loss_of_part,
        settings.optimiser,
        settings.output,
        save_every=settings.save_every,
        parts=settings.threads,
    )
