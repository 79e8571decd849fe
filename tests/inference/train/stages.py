"""A tiny model's four stages on a few small phantoms, as TOML files."""

from pathlib import Path

SHAPE = """
[model]
image_size = 64
patch_size = 8
vision_width = 64
vision_layers = 1
hidden_size = 32
hidden_layers = 1
heads = 2
mlp_size = 32
vocabulary = 640
"""
ENCODER = """
[encoder]
site_weight = 1.0
patch_weight = 3.0
patch_positive = 5.0
"""
FIRST, COUNT = 50, 24


def configuration(
    folder: Path,
    pool: Path,
    *,
    output: str,
    start: str = "",
    steps: int = 3,
    save_every: int = 2,
    text_steps: int = 0,
    accumulate: int = 1,
    more: str = "",
    files: str = "",
) -> Path:
    """Write the settings of one stage; `output` names its folder in `folder`.

    files: what [files] says of its manifest, as TOML; empty for the phantoms.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"{output}.toml"
    phantoms = f"""
[phantoms]
folder = "{pool}"
first = {FIRST}
count = {COUNT}
drawn = 64
workers = 1
"""
    path.write_text(
        f"""
seed = 4
threads = 1
output = "{folder / output}"
start = "{start}"
save_every = {save_every}

{f"[files]{chr(10)}manifest = {files}" if files else phantoms}
{"" if start else f"{SHAPE}text_steps = {text_steps}"}
[optimiser]
batch = 4
steps = {steps}
warm_up = 2
learning_rate = 0.001
weight_decay = 0.05
clip = 1.0
accumulate = {accumulate}
{more}
""",
        encoding="utf-8",
    )
    return path
