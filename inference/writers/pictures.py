"""How a radiograph leaves this process: as a PNG of pixels, and nothing but pixels."""

import io

from PIL import Image


def png_of(image: Image.Image, *, largest_side: int) -> bytes:
    """Return the image as 8-bit grey PNG, its longer side at most `largest_side`.

    It is made of the pixels alone: what the image carries besides, such as a file name
    or text of its own format, stays here.
    """
    bare = Image.frombytes("L", image.size, image.convert("L").tobytes())
    scale = largest_side / max(bare.size)
    if scale < 1:
        size = tuple(max(1, round(side * scale)) for side in bare.size)
        bare = bare.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    bare.save(content, "PNG")
    return content.getvalue()
