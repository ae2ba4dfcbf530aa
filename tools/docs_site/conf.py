"""Sphinx's settings; ``python -m tools.make_site`` reads them. Nothing is fetched: no CDN, no remote fonts."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from chainsim import __version__  # noqa: E402 - the path above leads to tools.docs_site

project = "chainsim"
release = __version__
language = "en"
extensions = ["myst_parser", "tools.docs_site.extension"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["notebooks"]
nitpicky = True

myst_heading_anchors = 4
"""Anchors as GitHub makes them, so that a link holds on both."""
myst_enable_extensions = ["colon_fence"]

html_theme = "furo"
html_title = "chainsim"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_search_language = "both"
html_show_search_summary = False
"""Summaries are fetched, which a browser refuses where the site is opened from the file system."""
html_last_updated_fmt = None
"""Equal sources give an equal site: no date stands in it."""
_FONTS = '"Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Hiragino Sans GB"'
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "font-stack": f"system-ui, -apple-system, 'Segoe UI', Roboto, {_FONTS}, sans-serif".replace('"', "'"),
        "font-stack--monospace": f"ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', {_FONTS}, monospace".replace(
            '"', "'"
        ),
        "color-brand-primary": "#0b5f8a",
        "color-brand-content": "#0b5f8a",
    },
}
