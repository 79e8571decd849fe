"""The training loop that all stages share: seeded batches, snapshots, progress.

What a step trains on depends on the seed and the number of the step alone. A run that
was killed therefore goes on from its last snapshot as if nothing had happened, and its
curve is the one that an unbroken run would have drawn.

`accelerate` finds the device, the precision and the other processes; started as
`accelerate launch -m inference train ...` several processes share every batch.
"""

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from tensorboardX import SummaryWriter
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


class Run:
    """One stage under way: its modules, optimiser, snapshot and curve.

    name     of the stage; files in `folder` are `<name>.snapshot.pt`, `<name>.csv`
             and TensorBoard's events under `tensorboard/<name>`
    modules  what is trained and stored in the snapshot, by name
    """

    def __init__(
        self,
        name: str,
        modules: dict[str, nn.Module],
        settings: OptimiserSettings,
        folder: Path,
        accelerator: Accelerator,
    ) -> None:
        self.name, self.modules, self.settings = name, modules, settings
        self.folder, self.accelerator = folder, accelerator
        self.optimiser: Any = accelerator.prepare(
            make_optimiser(modules.values(), settings)
        )
        self.trained: list[nn.Parameter] = [
            parameter
            for group in self.optimiser.param_groups
            for parameter in group["params"]
        ]
        folder.mkdir(parents=True, exist_ok=True)
        self.snapshot = folder / f"{name}.snapshot.pt"
        self.first, self.recent = self._resume()

    def steps(self, loss_of_part: LossOfPart, *, seed: int, save_every: int) -> None:
        """Take all steps that are not done yet."""
        last = self.settings.steps
        with (
            Curve(self.folder, self.name, self.first, self.accelerator) as curve,
            tqdm(
                total=last,
                initial=self.first,
                desc=self.name,
                unit="step",
                disable=None if self.accelerator.is_main_process else True,
            ) as bar,
        ):
            for step in range(self.first, last):
                # Dropout, where a model has any, follows the step as well.
                torch.manual_seed(seed * 1_000_003 + step)
                self.recent.append(self._step(loss_of_part, step))
                if (step + 1) % LOG_EVERY == 0:
                    loss = sum(self.recent) / len(self.recent)
                    bar.set_postfix(loss=f"{loss:.4f}")
                    curve.add(step + 1, loss, learning_rate(self.settings, step))
                    self.recent.clear()
                if (step + 1) % save_every == 0 or step + 1 == last:
                    self._save(step + 1)
                bar.update()

    def _step(self, loss_of_part: LossOfPart, step: int) -> float:
        """Change the weights once; returns the loss, the mean over all parts."""
        accelerator, pieces = self.accelerator, self.settings.accumulate
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.settings, step)
        self.optimiser.zero_grad()
        total = torch.zeros((), device=accelerator.device)
        parts = accelerator.num_processes * pieces
        for piece in range(pieces):
            number = accelerator.process_index * pieces + piece
            with accelerator.autocast():
                loss = loss_of_part(Part(step, number, parts)) / pieces
            accelerator.backward(loss)
            total += loss.detach()
        self._average_gradients()
        accelerator.clip_grad_norm_(self.trained, self.settings.clip)
        self.optimiser.step()
        return float(accelerator.reduce(total, reduction="mean"))

    def _average_gradients(self) -> None:
        """Average over processes; modules are called in parts, so no wrapper does."""
        if self.accelerator.num_processes == 1:
            return
        for parameter in self.trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            parameter.grad = self.accelerator.reduce(parameter.grad, reduction="mean")

    def _resume(self) -> tuple[int, list[float]]:
        """Load a snapshot where there is one: first step to do, losses not yet logged.

        Raises ValueError for a snapshot of other settings or that cannot be read.
        """
        if not self.snapshot.exists():
            return 0, []
        try:
            state = torch.load(
                self.snapshot, weights_only=True, map_location=self.accelerator.device
            )
            for key, module in self.modules.items():
                _fill(module, state["modules"][key])
            self.optimiser.load_state_dict(state["optimiser"])
        except (OSError, RuntimeError, KeyError, ValueError, EOFError) as problem:
            raise ValueError(
                f"The snapshot {self.snapshot} does not fit these settings or is "
                "damaged: remove it to begin anew, or restore the settings."
            ) from problem
        return int(state["step"]), list(state["recent"])

    def _save(self, step: int) -> None:
        """Write a snapshot beside the old one, then replace it; a kill loses none."""
        if not self.accelerator.is_main_process:
            return
        unfinished = self.snapshot.with_suffix(".part")
        state = {
            "modules": {key: _trainable(one) for key, one in self.modules.items()},
            "optimiser": self.optimiser.state_dict(),
            "step": step,
            "recent": self.recent,
        }
        torch.save(state, unfinished)
        unfinished.replace(self.snapshot)


def _trainable(module: nn.Module) -> dict[str, torch.Tensor]:
    """What of a module is trained, by name; the rest is where the run began."""
    return {
        name: parameter.detach()
        for name, parameter in module.named_parameters()
        if parameter.requires_grad
    }


def _fill(module: nn.Module, stored: dict[str, torch.Tensor]) -> None:
    """Put stored weights back. Raises KeyError where others are trained now."""
    wanted = _trainable(module)
    if set(wanted) != set(stored):
        raise KeyError("The snapshot holds other weights.")
    for name, parameter in wanted.items():
        parameter.copy_(stored[name])


class Curve:
    """Loss and rate every few steps, as CSV and for TensorBoard.

    Rows that a killed run wrote after its last snapshot are taken back on resuming.
    """

    def __init__(
        self, folder: Path, name: str, first: int, accelerator: Accelerator
    ) -> None:
        self.writes = accelerator.is_main_process
        self.path = folder / f"{name}.csv"
        self.events = folder / "tensorboard" / name
        self.first = first

    def __enter__(self) -> "Curve":
        """Open both, the CSV rid of rows that will come again."""
        if self.writes:
            kept = _rows_until(self.path, self.first)
            with self.path.open("w", newline="", encoding="utf-8") as stream:
                csv.writer(stream).writerows([("step", "loss", "rate"), *kept])
            self.board = SummaryWriter(str(self.events), purge_step=self.first + 1)
        return self

    def __exit__(self, *problem: object) -> None:
        """Close the events file."""
        if self.writes:
            self.board.close()

    def add(self, step: int, loss: float, rate: float) -> None:
        """Append one point."""
        if self.writes:
            with self.path.open("a", newline="", encoding="utf-8") as stream:
                csv.writer(stream).writerow((step, f"{loss:.5f}", f"{rate:.3g}"))
            self.board.add_scalar("loss", loss, step)
            self.board.add_scalar("rate", rate, step)


def _rows_until(path: Path, step: int) -> list[Sequence[str]]:
    """The rows of a curve up to a step, without the header."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))[1:]
    return [row for row in rows if row and int(row[0]) <= step]
