"""How Sphinx makes the site of the documentation: `make docs`.

Markdown in, HTML out, and nothing of either comes from the network: the theme carries
its styles and scripts, and the fonts are those of whoever reads.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

project = "readerstudy"
author = "The authors of readerstudy"
release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
copyright = "The authors of readerstudy, under Apache-2.0"
extensions = ["myst_parser"]
exclude_patterns = ["build"]
language = "en"

# A heading is its own anchor, down to the third level, as on the pages of a forge.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

html_theme = "furo"
html_title = f"readerstudy {release}"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["screenshots"]
# Nobody's fonts, badges or trackers.
html_theme_options = {"footer_icons": []}
