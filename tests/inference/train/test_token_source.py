"""Patch tokens of the frozen encoder: the same whether they are kept or not."""

import numpy as np
from torch.testing import assert_close

from inference.cxr_llava import CxrLlavaForReportGeneration
from inference.train.building import new_config
from inference.train.data import PhantomData
from inference.train.language import TokenSource
from inference.train.pool import build_pool
from inference.train.settings import ModelSettings
from tests.inference.train.stages import COUNT, FIRST

SHAPE = ModelSettings(64, 8, 64, 1, 32, 1, 2, 32, 512)


def test_what_does_not_fit_is_computed_again_and_is_the_same(pool_folder):
    pool = build_pool(
        pool_folder, first=FIRST, count=COUNT, drawn=64, size=64, workers=1
    )
    model = CxrLlavaForReportGeneration(new_config(SHAPE))
    data = PhantomData(pool, model.config)
    of_one = 64 * 64 * 2  # patches, width, bytes
    generous, narrow, none = (
        TokenSource(data, model, room) for room in (1 << 30, 2 * of_one, 0)
    )
    for rows in ([3, 1, 2], [2, 5, 3], [1, 1, 4]):
        wanted = np.array(rows)
        first = generous.values(wanted)
        assert first.shape == (3, 64, 64)
        assert_close(first, narrow.values(wanted), rtol=1e-3, atol=1e-3)
        assert_close(first, none.values(wanted), rtol=1e-3, atol=1e-3)
    assert sorted(generous.kept) == [1, 2, 3, 4, 5]
    assert sorted(narrow.kept) == [1, 3]
    assert not none.kept
