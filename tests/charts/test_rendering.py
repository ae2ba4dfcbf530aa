"""Pictures without a browser: well-formed, the same bytes every time, safe to put beside one another."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.charts.test_charts import KINDS, charts_of

from chainsim.charts import Chart, font_note, has_chinese_font, order_chart, png, rendering, svg
from chainsim.workflow import Run

ROOT = Path(__file__).resolve().parents[2]
ASSETS = resources.files("chainsim") / "assets"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", KINDS)
def test_svg_is_well_formed_and_says_what_it_shows(outage: Run, kind: str) -> None:
    chart = charts_of(outage, "zh")[kind]()
    drawn = svg(chart, prefix="p7")
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own picture
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == chart.alt
    assert root.get("aria-labelledby") == title.get("id") == "p7-alt"
    assert root.get("viewBox") == f"0 0 {chart.width} {chart.height}"
    assert all(name.startswith("p7-") for name in re.findall(r' id="([^"]+)"', drawn))
    assert set(re.findall(r"url\(#([^)]+)\)", drawn)) <= set(re.findall(r' id="([^"]+)"', drawn))
    assert "zr" not in re.sub(r">[^<]*<", "><", drawn)
    assert not re.search(r"(?:href|src)=|@import|https?://(?!www\.w3\.org/)", drawn)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_chart_gives_the_same_bytes(outage: Run, kind: str) -> None:
    chart = charts_of(outage, "en")[kind]()
    assert svg(chart) == svg(charts_of(outage, "en")[kind]())


def test_bytes_do_not_depend_on_what_was_drawn_before_or_on_the_thread() -> None:
    chart = order_chart([("a", 1.0, 2.0)], "en")
    first = svg(chart)
    svg(order_chart([("b", 3.0, 2.0)], "zh"))
    with ThreadPoolExecutor(max_workers=2) as threads:
        assert set(threads.map(lambda _: svg(chart), range(4))) == {first}
    code = "from chainsim.charts import *; import sys; sys.stdout.write(svg(order_chart([('a', 1.0, 2.0)], 'en')))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert other.stdout == first


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=1+1", "a & b", "{a}{b}{c}", "]]>", '"><img src=x>', "\u0007bell"]
)
def test_names_are_words_and_nothing_else(name: str) -> None:
    drawn = svg(order_chart([(name, 1.0, 2.0)], "en"))
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own picture
    said = [re.sub(r"\s", "", text.text or "") for text in root.iter(f"{SVG}text")]
    wanted = re.sub(r"[\s\u0007]", "", name)
    assert wanted in "".join(said)
    assert not list(root.iter(f"{SVG}script")) and not list(root.iter(f"{SVG}img"))


def test_braces_of_a_name_are_no_placeholder(outage: Run) -> None:
    from chainsim.charts.network_parts import Node, drawn_node

    node = Node("x", "customer", ("{a} {b}",), {}, "circle")
    assert "{a}" not in drawn_node(node, (1.0, 1.0))["label"]["formatter"]


def test_an_option_that_echarts_refuses_is_an_error() -> None:
    broken = Chart({"series": [{"type": "bar", "xAxisIndex": 5, "data": [1]}]}, "x", 100, 100)
    with pytest.raises(Exception, match="TypeError"):
        svg(broken)
    assert "<svg" in svg(order_chart([], "en"))  # and the engine goes on


def test_png_is_a_picture_of_the_size_asked_for() -> None:
    chart = order_chart([("a", 1.0, 2.0)], "en")
    data = png(chart, zoom=2)
    assert data.startswith(b"\x89PNG")
    width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
    assert (width, height) == (2 * chart.width, 2 * chart.height)
    assert data == png(chart, zoom=2)


def test_a_chinese_font_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    import resvg_py

    real = resvg_py.svg_to_bytes
    monkeypatch.setattr(resvg_py, "svg_to_bytes", lambda **words: real(**words, skip_system_fonts=True))
    rendering.has_chinese_font.cache_clear()
    assert not has_chinese_font()
    assert "fonts-noto-cjk" in font_note("zh")
    monkeypatch.undo()
    rendering.has_chinese_font.cache_clear()
    assert has_chinese_font() in (True, False)


# --- what is shipped


def test_assets_are_as_built() -> None:
    record = json.loads((ASSETS / "assets.json").read_text(encoding="utf-8"))
    for name, sha in record["files"].items():
        assert hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() == sha, name
    entry = ROOT / "tools" / "assets" / "echarts_entry.js"
    assert hashlib.sha256(entry.read_bytes()).hexdigest() == record["entry_sha256"], "run tools/make_assets.py"


def test_echarts_is_small_and_comes_with_its_licences() -> None:
    assert len((ASSETS / "echarts.js").read_bytes()) <= 820_000
    assert "Apache License" in (ASSETS / "LICENSE-echarts.txt").read_text(encoding="utf-8")
    assert "Apache Software Foundation" in (ASSETS / "NOTICE-echarts.txt").read_text(encoding="utf-8")
    for name in ("zrender", "d3", "tslib", "htmx"):
        assert (ASSETS / f"LICENSE-{name}.txt").is_file()
