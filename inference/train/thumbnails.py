"""How far one gets without looking closely: logistic regression on thumbnails.

An easy phantom would make any model look good. This measures the task: the seven drawn
findings from 16 x 16 grey levels, which show no nodule, no line and no tube. A
demonstration model has to do clearly better.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from inference.phantom.findings import KINDS, Finding
from inference.train.evaluate import f1_scores
from inference.train.pool import Pool

SIDE = 16
PENALTY = 1e-3
HELD_OUT = 0.2
THRESHOLDS = np.linspace(0.05, 0.80, 31)


def thumbnail_f1(training: Pool, fresh: Pool) -> NDArray[np.float64]:
    """F1 of each of the seven kinds on `fresh`, [7].

    The threshold of each kind is the one that does best on a held-out fifth of the
    training pool, which is more than a plain 0.5 would give.
    """
    inputs, truth = _thumbnails(training.images), _kinds(training.findings)
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    fitted = round(len(inputs) * (1 - HELD_OUT))
    scaled = torch.from_numpy((inputs - centre) / spread)
    weights = _fit(scaled[:fitted], torch.from_numpy(truth[:fitted]).float())
    chances = _chances(weights, scaled[fitted:])
    scores = [f1_scores(truth[fitted:], chances >= one) for one in THRESHOLDS]
    chosen = THRESHOLDS[np.argmax(scores, axis=0)]
    others = torch.from_numpy((_thumbnails(fresh.images) - centre) / spread)
    return f1_scores(_kinds(fresh.findings), _chances(weights, others) >= chosen)


def _thumbnails(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey levels 0..1 of reduced images, [n, 256]."""
    reduced = [
        np.asarray(Image.fromarray(one).resize((SIDE, SIDE), Image.Resampling.BOX))
        for one in images
    ]
    flat = np.stack(reduced).reshape(len(images), -1)
    return flat.astype(np.float32) / np.float32(255)


def _kinds(findings: Sequence[tuple[Finding, ...]]) -> NDArray[np.bool_]:
    shown = [{one.kind for one in some} for some in findings]
    return np.array([[kind in one for kind in KINDS] for one in shown], dtype=np.bool_)


def _fit(inputs: torch.Tensor, truth: torch.Tensor) -> torch.nn.Linear:
    """Seven penalised logistic regressions at once, to convergence."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(inputs.shape[1], truth.shape[1])
    optimiser = torch.optim.LBFGS(
        layer.parameters(), max_iter=300, line_search_fn="strong_wolfe"
    )

    def loss() -> float:
        optimiser.zero_grad()
        losses = functional.binary_cross_entropy_with_logits(
            layer(inputs), truth, reduction="none"
        )
        total = losses.mean(dim=0).sum() + PENALTY * layer.weight.square().sum()
        total.backward()
        return float(total.detach())

    optimiser.step(loss)
    return layer


def _chances(layer: torch.nn.Linear, inputs: torch.Tensor) -> NDArray[np.float32]:
    with torch.no_grad():
        chances: NDArray[np.float32] = torch.sigmoid(layer(inputs)).numpy()
    return chances
