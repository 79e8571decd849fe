"""How a radiograph looks, in numpy: from the standard, not from the viewer."""

from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint16]
Greys = npt.NDArray[np.float64]
Voi = dict[str, Any]


def grey(voi: Voi, value: Greys) -> Greys:
    """Apply a VOI to stored values, PS3.3 C.11.2.1; greys 0..255, not rounded."""
    if voi["kind"] == "table":
        entries = np.asarray(voi["values"], dtype=np.float64)
        at = np.arange(len(entries)) + voi["first"]
        return np.interp(value, at, entries)
    centre, width = voi["centre"], voi["width"]
    if voi["function"] == "SIGMOID":
        return np.asarray(255 / (1 + np.exp(-4 * (value - centre) / width)))
    if voi["function"] == "LINEAR":
        centre, width = centre - 0.5, width - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        ramp = ((value - centre) / width + 0.5) * 255
    ramp = np.where(value <= centre - width / 2, 0, ramp)
    return np.where(value > centre + width / 2, 255, ramp)


def box_sums(values: Greys, scale: float, offset: int, extent: int) -> Greys:
    """Integrate the first axis over each device pixel, clipped to the image."""
    cumulative = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
    edges = (np.arange(extent + 1) - offset) / scale
    edges = np.clip(edges, 0, len(values))
    below = np.minimum(edges.astype(int), len(values) - 1)
    share = (edges - below)[:, None]
    at_edges = cumulative[below] * (1 - share) + cumulative[below + 1] * share
    return np.asarray(np.diff(at_edges, axis=0))


def on_image(length: int, scale: float, offset: int, extent: int) -> Any:
    place = (np.arange(extent) + 0.5 - offset) / scale
    return (place >= 0) & (place < length)


def rendering(
    pixels: Pixels,
    voi: Voi,
    size: tuple[int, int],
    *,
    invert: bool = False,
    padding: bool = False,
) -> Greys:
    """Render a radiograph that is at least as large as the canvas, fitted."""
    width, height = size
    rows, columns = pixels.shape
    scale = min(width / columns, height / rows)
    left = int(np.floor((width - columns * scale) / 2 + 0.5))
    top = int(np.floor((height - rows * scale) / 2 + 0.5))

    def summed(values: Greys) -> Greys:
        down = box_sums(values, scale, top, height)
        return box_sums(down.T, scale, left, width).T

    counted = (pixels != 0) if padding else np.ones(pixels.shape, dtype=bool)
    cover = summed(counted.astype(np.float64))
    whole = summed(np.ones(pixels.shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = summed(pixels.astype(np.float64)) / cover
        black = cover < whole / 2
    result = grey(voi, np.nan_to_num(mean))
    if invert:
        result = 255 - result
    inside = np.outer(
        on_image(rows, scale, top, height), on_image(columns, scale, left, width)
    )
    return np.where(inside & ~black, result, 0)


def radiograph(rows: int, columns: int, bits: int) -> Pixels:
    """Return a smooth, noisy, edged image that uses the whole range of `bits`."""
    generator = np.random.default_rng(20_26)
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    values = 0.5 + 0.3 * np.sin(9 * x) * np.cos(7 * y) + 0.15 * (x > y)
    values = values + generator.normal(0, 0.02, values.shape)
    clipped: Pixels = np.clip(values * 2**bits, 1, 2**bits - 1).astype(np.uint16)
    return clipped


def window(centre: float, width: float, function: str = "LINEAR") -> Voi:
    return {
        "kind": "window",
        "centre": centre,
        "width": width,
        "function": function,
        "label": "",
    }


def gamma_table(first: int, entries: int) -> Voi:
    values = np.round(255 * (np.arange(entries) / (entries - 1)) ** 1.7)
    return {
        "kind": "table",
        "first": first,
        "values": values.astype(int).tolist(),
        "label": "Table",
    }


LINEAR_12 = window(2048, 3000)
LINEAR_16 = window(32_768, 50_000)


def turned(pixels: Pixels, quarters: int, flipped: bool) -> Pixels:
    """Mirror left and right if flipped, then rotate clockwise by quarters."""
    laid: Pixels = np.rot90(pixels[:, ::-1] if flipped else pixels, -quarters)
    return laid


def interpolated(pixels: Pixels, times: int) -> Greys:
    """Magnify by a whole number, linear between the centres of the pixels."""
    rows, columns = (
        (np.arange(count * times) + 0.5) / times - 0.5 for count in pixels.shape
    )
    lines = pixels.astype(np.float64)
    across = [np.interp(columns, np.arange(lines.shape[1]), line) for line in lines]
    down = np.array(across).T
    both = [np.interp(rows, np.arange(lines.shape[0]), line) for line in down]
    return np.array(both).T
