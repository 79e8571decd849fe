"""The loop: what a step sees depends on seed and number alone."""

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import nn

from inference.train import loop
from inference.train.settings import OptimiserSettings


class Toy:
    """One layer on sixteen rows."""

    def __init__(self) -> None:
        torch.manual_seed(1)
        self.layer = nn.Linear(5, 1)
        made = torch.Generator().manual_seed(2)
        self.table = torch.randn((16, 5), generator=made)

    def train(self, folder, stop_at=None, accumulate=1):
        """Take nine steps; returns the curve's losses, or is interrupted."""
        settings = OptimiserSettings(
            batch=4,
            steps=60,
            warm_up=2,
            learning_rate=0.01,
            weight_decay=0.0,
            clip=1.0,
            accumulate=accumulate,
        )

        def loss_of_part(part):
            if part.step == stop_at:
                raise KeyboardInterrupt
            rows = part.of(loop.batch_rows(3, part.step, 4, 16))
            return (self.layer(self.table[torch.from_numpy(rows)]) - 1).square().mean()

        run = loop.Run("toy", {"layer": self.layer}, settings, folder, Accelerator())
        run.steps(loss_of_part, seed=1, save_every=7)
        return (folder / "toy.csv").read_text()


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_resumed_run_draws_the_same_curve(tmp_path, accumulate):
    whole, cut = Toy(), Toy()
    curve = whole.train(tmp_path / "whole", accumulate=accumulate)
    with pytest.raises(KeyboardInterrupt):
        cut.train(tmp_path / "cut", stop_at=45, accumulate=accumulate)
    # Step 40 was logged after the snapshot of step 42; it must not stand there twice.
    resumed = Toy()
    assert resumed.train(tmp_path / "cut", accumulate=accumulate) == curve
    assert torch.equal(resumed.layer.weight, whole.layer.weight)
    assert Toy().train(tmp_path / "cut", accumulate=accumulate) == curve
    assert curve.count("\n") == 4


def test_pieces_of_a_step_make_up_the_whole_step(tmp_path):
    weights = []
    for accumulate in (1, 2, 4):
        toy = Toy()
        toy.train(tmp_path / str(accumulate), accumulate=accumulate)
        weights.append(toy.layer.weight.detach())
    assert torch.allclose(weights[0], weights[1], atol=1e-4)
    assert torch.allclose(weights[0], weights[2], atol=1e-4)


def test_every_phantom_comes_once_in_each_round():
    rows = np.concatenate([loop.batch_rows(7, step, 5, 12) for step in range(12)])
    for number in range(5):
        assert sorted(rows[12 * number : 12 * number + 12]) == list(range(12))
