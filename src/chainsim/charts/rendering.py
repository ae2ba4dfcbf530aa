"""From an option to a picture without a browser: ECharts inside QuickJS gives SVG, resvg makes PNG of it.

Equal options give equal bytes: each rendering's automatic ids are renamed from one on, and nothing random is left in the engine.
An engine is read once per thread (some 0.2 s); after that a chart takes 20 to 90 ms.
"""

from __future__ import annotations

import json
import re
import threading
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any

from chainsim.charts.palette import FONTS, PAPER
from chainsim.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainsim.charts.chart import Chart

_MACHINE = """
"use strict";
var nothing = function () {};
globalThis.console = {log: nothing, warn: nothing, error: nothing};
globalThis.setTimeout = globalThis.clearTimeout = nothing;
Math.random = function () { return 0.5; };
"""
_RENDER = """
globalThis.render = function (text, width, height) {
  var chart = echarts.init(null, null, {renderer: "svg", ssr: true, width: width, height: height});
  try {
    chart.setOption(JSON.parse(text));
    // As JSON, for a string that was put together of parts is a tree in QuickJS, which the binding does not know.
    return JSON.stringify(chart.renderToSVGString({useViewBox: true}));
  } finally {
    chart.dispose();
  }
};
"""
_CLASSES = re.compile(r' class="zr\d+-cls-\d+"')
_STYLES = re.compile(r"<style\b.*?</style>", re.S)
_IDS = re.compile(r"\bzr\d+-([a-z]+)(\d+)\b")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Signs that XML does not know, not even escaped; a name may hold one."""
_STACK_BYTES = 8 * 1024 * 1024
_engines = threading.local()


def echarts_source() -> str:
    """The ECharts subset that the package ships, for a page to load: the same for pictures and for browsers."""
    return (resources.files("chainsim") / "assets" / "echarts.js").read_text(encoding="utf-8")


def svg(chart: Chart, *, prefix: str = "c", width: int | None = None, height: int | None = None) -> str:
    """``chart`` as one SVG element with its title and alternative text inside.

    ``prefix`` begins the ids within: several pictures in one document need several. Its size is the chart's own unless given.
    """
    wide, high = width or chart.width, height or chart.height
    drawn: str = json.loads(_engine()(json.dumps(chart.option, ensure_ascii=False), wide, high))
    drawn = _STYLES.sub("", _CLASSES.sub("", drawn))  # they serve a pointer that hovers
    names: dict[str, str] = {}
    drawn = _IDS.sub(lambda m: names.setdefault(m[0], f"{prefix}-{m[1]}{len(names)}"), drawn)
    drawn = _NO_XML.sub("\ufffd", drawn)
    name = _NO_XML.sub("\ufffd", escape(chart.alt, quote=False))
    head, body = drawn.split(">", 1)
    return f'{head} role="img" aria-labelledby="{prefix}-alt"><title id="{prefix}-alt">{name}</title>{body}'


def png(chart: Chart, *, width: int | None = None, height: int | None = None, zoom: float = 2.0) -> bytes:
    """``chart`` as a PNG on white, ``zoom`` pixels to the unit. Chinese needs a font that has it: see ``font_note``."""
    import resvg_py

    drawn = svg(chart, width=width, height=height)
    family = FONTS.split(",", maxsplit=1)[0].strip("'")
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=drawn, background=PAPER, zoom=zoom, font_family=family, sans_serif_family=family
        )
    )


@cache
def has_chinese_font() -> bool:
    """Whether this machine has a font with Chinese signs; without one, PNG shows empty boxes in their place.

    Two signs are drawn: where there is no font both come out as the same box, or as nothing.
    """
    import resvg_py

    one, other = (
        resvg_py.svg_to_bytes(
            svg_string=f'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><text y="20" font-size="20" '
            f'font-family="{FONTS}">{sign}</text></svg>'
        )
        for sign in "油中"
    )
    return bytes(one) != bytes(other)


def font_note(lang: str) -> str:
    """What to tell whoever made a PNG with Chinese in it; empty where all is well."""
    return "" if has_chinese_font() else text(lang, "chart.missing_font")


def _engine() -> Callable[[str, int, int], str]:
    """This thread's engine: QuickJS contexts belong to the thread that made them."""
    if not hasattr(_engines, "render"):
        import quickjs

        context: Any = quickjs.Context()
        context.set_max_stack_size(_STACK_BYTES)
        for source in (_MACHINE, echarts_source(), _RENDER):
            context.eval(source)
        _engines.context = context
        _engines.render = context.get("render")
    render: Callable[[str, int, int], str] = _engines.render
    return render
