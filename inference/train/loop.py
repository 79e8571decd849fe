"""The training loop that all stages share: seeded batches, snapshots, progress.

What a step trains on depends on the seed and the number of the step alone. A run that
was killed therefore goes on from its last snapshot as if nothing had happened.

A step is cut into parts, one for each thread. Threads that share every operation wait
for each other hundreds of times in a step, which is slow where others use the machine
too; threads with a part of their own wait once.
"""

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from inference.train.settings import OptimiserSettings

LOWEST_RATE = 0.05
LOG_EVERY = 20


@dataclass(frozen=True)
class Part:
    """One of the `parts` equal parts of a step."""

    step: int
    number: int
    parts: int

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of the batch that belong to this part."""
        return rows[self.number :: self.parts]


LossOfPart = Callable[[Part], torch.Tensor]


def batch_rows(seed: int, step: int, batch: int, count: int) -> NDArray[np.int64]:
    """Rows [batch] of step `step`: an endless row of seeded permutations, cut up."""
    positions = np.arange(step * batch, (step + 1) * batch)
    rounds = positions // count
    rows = np.empty(batch, dtype=np.int64)
    for number in np.unique(rounds):
        order = np.random.default_rng([seed, 3, int(number)]).permutation(count)
        rows[rounds == number] = order[positions[rounds == number] % count]
    return rows


def learning_rate(settings: OptimiserSettings, step: int) -> float:
    """The rate of one step: linear warm-up, then half a cosine down to a twentieth."""
    if step < settings.warm_up:
        return settings.learning_rate * (step + 1) / settings.warm_up
    done = (step - settings.warm_up) / max(1, settings.steps - settings.warm_up)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    return settings.learning_rate * (LOWEST_RATE + (1 - LOWEST_RATE) * cosine)


def make_optimiser(
    modules: Iterable[nn.Module], settings: OptimiserSettings
) -> torch.optim.AdamW:
    """AdamW over what is trainable; vectors (norms, biases) are not decayed."""
    matrices: dict[int, nn.Parameter] = {}
    vectors: dict[int, nn.Parameter] = {}
    for module in modules:
        for parameter in module.parameters():
            if parameter.requires_grad:
                group = matrices if parameter.ndim > 1 else vectors
                group[id(parameter)] = parameter
    groups = [
        {"params": list(matrices.values()), "weight_decay": settings.weight_decay},
        {"params": list(vectors.values()), "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.98))


def train(
    name: str,
    modules: dict[str, nn.Module],
    loss_of_part: LossOfPart,
    settings: OptimiserSettings,
    folder: Path,
    *,
    save_every: int,
    parts: int,
) -> list[float]:
    """Run all steps of a stage that are not done yet; returns the losses of this run.

    modules: what is trained and stored in the snapshot, by name. Losses are appended
    to `<name>.csv` in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    snapshot = folder / f"{name}.snapshot.pt"
    optimiser = make_optimiser(modules.values(), settings)
    trained = [
        parameter for group in optimiser.param_groups for parameter in group["params"]
    ]
    first = _resume(snapshot, modules, optimiser)
    losses: list[float] = []
    bar = tqdm(
        range(first, settings.steps), initial=first, total=settings.steps, desc=name
    )
    with ThreadPoolExecutor(max_workers=parts) as executor:
        for step in bar:
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(settings, step)
            losses.append(_set_gradients(executor, loss_of_part, step, parts, trained))
            nn.utils.clip_grad_norm_(trained, settings.clip)
            optimiser.step()
            if (step + 1) % LOG_EVERY == 0:
                recent = sum(losses[-LOG_EVERY:]) / len(losses[-LOG_EVERY:])
                bar.set_postfix(loss=f"{recent:.4f}")
                _log(folder / f"{name}.csv", step + 1, recent)
            if (step + 1) % save_every == 0 or step + 1 == settings.steps:
                _save(snapshot, modules, optimiser, step + 1)
    return losses


def _set_gradients(
    executor: Executor,
    loss_of_part: LossOfPart,
    step: int,
    parts: int,
    trained: Sequence[nn.Parameter],
) -> float:
    """Set the gradients of one step, the mean over its parts; returns the loss."""

    def work(part: Part) -> tuple[float, tuple[torch.Tensor | None, ...]]:
        loss = loss_of_part(part)
        found = torch.autograd.grad(loss, list(trained), allow_unused=True)
        return float(loss.detach()), found

    done = list(executor.map(work, (Part(step, n, parts) for n in range(parts))))
    for place, parameter in enumerate(trained):
        found = [gradients[place] for _, gradients in done]
        known = [gradient for gradient in found if gradient is not None]
        parameter.grad = sum(known[1:], known[0]) / parts if known else None
    return sum(loss for loss, _ in done) / parts


def _resume(
    snapshot: Path, modules: dict[str, nn.Module], optimiser: torch.optim.AdamW
) -> int:
    """Load a snapshot where there is one; returns the first step still to do."""
    if not snapshot.exists():
        return 0
    state = torch.load(snapshot, weights_only=True)
    for key, module in modules.items():
        module.load_state_dict(state["modules"][key])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _save(
    snapshot: Path,
    modules: dict[str, nn.Module],
    optimiser: torch.optim.AdamW,
    step: int,
) -> None:
    """Write a snapshot beside the old one, then replace it: a kill loses neither."""
    unfinished = snapshot.with_suffix(".part")
    state = {
        "modules": {key: module.state_dict() for key, module in modules.items()},
        "optimiser": optimiser.state_dict(),
        "step": step,
    }
    torch.save(state, unfinished)
    unfinished.replace(snapshot)


def _log(path: Path, step: int, loss: float) -> None:
    """Append one row of step and loss; the first row names the columns."""
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        if fresh:
            writer.writerow(("step", "loss"))
        writer.writerow((step, f"{loss:.5f}"))
