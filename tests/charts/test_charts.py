"""Charts say what the tables say: plain JSON, numbers that agree, both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.results.hand_made import log, scenario

from chainsim.charts import (
    Chart,
    Lever,
    batches_chart,
    completion_chart,
    fan_chart,
    network_chart,
    order_chart,
    outages_of,
    stock_chart,
    tornado_chart,
    trains_chart,
    variants_chart,
    waterfall_chart,
    waterfall_steps,
)
from chainsim.charts.layout import Place, clutter, laid_out, layered
from chainsim.charts.network import downstream, ways_of
from chainsim.charts.palette import BAND_COLOURS, SERIES, SEVERITY_COLOURS, contrast, ink_on, luminance
from chainsim.results import build_tables, labels_of
from chainsim.workflow import Run

T, LABELS = build_tables(scenario(), log()), labels_of(scenario())
APRIL, JUNE = datetime(2008, 4, 1), datetime(2008, 6, 1)
DAYS = [APRIL + timedelta(days=i) for i in range(5)]


def charts_of(run: Run, lang: str) -> dict[str, Callable[[], Chart]]:
    """Every kind of chart there is."""
    tables, labels = run.tables, run.labels
    fan = {q: [100.0 * q + i for i in range(5)] for q in (0.05, 0.25, 0.5, 0.75, 0.95)}
    return {
        "stock": lambda: stock_chart(tables, labels, lang, "shanshan"),
        "fan": lambda: fan_chart(DAYS, fan, lang, name="x", unit="kt", limits={"safe fill": 99.0}),
        "completion": lambda: completion_chart(tables, labels, lang),
        "completion by grade": lambda: completion_chart(tables, labels, lang, by_grade=True),
        "waterfall": lambda: waterfall_chart(tables, labels, lang, customer="yumen", month=date(2008, 4, 1)),
        "network": lambda: network_chart(tables, labels, lang),
        "network of values": lambda: network_chart(tables, labels, lang, values={"trunk_west": 2.0}, title="x"),
        "batches": lambda: batches_chart(tables, labels, lang, since=APRIL, until=JUNE),
        "trains": lambda: trains_chart(tables, labels, lang, since=APRIL, until=JUNE),
        "tornado": lambda: tornado_chart([Lever("a", 0.9, 0.7)], 0.8, lang, name="x", unit="", ratio=True),
        "order": lambda: order_chart([("a", 5.0, 7.0)], lang),
        "variants": lambda: variants_chart({"a": {"x": 0.9}, "b": {"x": 0.8, "y": 1.0}}, lang, name="x", ratio=True),
    }


KINDS = ("stock", "fan", "completion", "completion by grade", "waterfall", "network", "network of values", "batches",
         "trains", "tornado", "order", "variants")  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_option_is_plain_json_in_words_of_its_language(outage: Run, kind: str, lang: str) -> None:
    chart = charts_of(outage, lang)[kind]()
    text = json.dumps(chart.option, allow_nan=False, ensure_ascii=False)
    assert json.loads(text) == chart.option
    assert any("\u4e00" <= sign <= "\u9fff" for sign in text) == (lang == "zh")
    assert chart.alt
    assert chart.option["aria"]["label"]["description"] == chart.alt
    assert "function" not in text


@pytest.mark.parametrize("customer", [None, "yumen", "local_hanlu"])
@pytest.mark.parametrize("month", [None, date(2008, 4, 1)])
@pytest.mark.parametrize("grade", [None, "tarim"])
@pytest.mark.parametrize("most", [3, 99])
def test_a_waterfall_adds_up(
    outage: Run, customer: str | None, month: date | None, grade: str | None, most: int
) -> None:
    steps = waterfall_steps(outage.tables, outage.labels, "en", customer=customer, month=month, grade=grade, most=most)
    assert sum(step.change_t for step in steps[:-1]) == pytest.approx(steps[-1].change_t, abs=1e-3)
    assert sum(step.kind == "cause" for step in steps) <= most
    frame = outage.tables["completion"]
    if customer:
        frame = frame[frame["customer"] == customer]
    if month:
        frame = frame[frame["month"] == pd.Timestamp(month)]
    if grade:
        frame = frame[frame["grade"] == grade]
    assert steps[0].change_t == pytest.approx(frame["plan_t"].sum())
    assert steps[-1].change_t == pytest.approx(frame["delivered_t"].sum())


def test_the_waterfall_s_bars_meet_end_to_end(outage: Run) -> None:
    chart = waterfall_chart(outage.tables, outage.labels, "en", customer="yumen")
    floors, bars = chart.option["series"]
    lows = floors["data"]
    highs = [low + bar["value"] for low, bar in zip(lows, bars["data"], strict=True)]
    assert lows[0] == lows[-1] == 0
    for (_, high), low in zip(pairwise(highs[:-1]), lows[:-2], strict=True):
        assert high == pytest.approx(low if low else highs[0], abs=0.01)  # the next hangs from where the last one ended
    assert highs[-1] == pytest.approx(lows[-2], abs=0.01)
    cut = chart.option["xAxis"]["min"]
    assert 0 < cut < min(lows[1:-1])
    assert f"{cut:,.0f}" in chart.option["xAxis"]["name"]


def test_the_heat_map_shows_every_completion(outage: Run) -> None:
    chart = completion_chart(outage.tables, outage.labels, "en")
    frame = outage.tables["customer_months"]
    months = sorted(set(frame["month"]))
    customers = list(dict.fromkeys(frame["customer"].astype("str")))
    cells = {
        (cell["value"][0], cell["value"][1]): (cell["value"][2], series["itemPayload"]["texts"][i])
        for series in chart.option["series"]
        for i, cell in enumerate(series["data"])
    }
    assert len(cells) == len(frame) + len(customers)
    for row in frame.itertuples():
        share, shown = cells[months.index(row.month), customers.index(str(row.customer))]
        assert share == pytest.approx(row.completion, abs=1e-6)
        assert shown == f"{row.completion * 100:.0f}"
    hanlu = frame[frame["customer"] == "local_hanlu"]
    whole = hanlu["delivered_t"].sum() / hanlu["plan_t"].sum()
    assert cells[len(months), customers.index("local_hanlu")][0] == pytest.approx(whole, abs=1e-6)


def test_a_month_without_a_plan_has_a_sign_instead() -> None:
    chart = completion_chart(T, LABELS, "en", by_grade=True)
    bands = {series["name"]: series["itemPayload"]["texts"] for series in chart.option["series"]}
    frame = T["completion"]
    without = {str(b) for b in frame["band"]} & {"unplanned", "no_plan"}
    assert without
    assert all(set(texts) <= {"*", "–"} for name, texts in bands.items() if name[-1] in "*–")


def test_stocks_are_those_of_the_table(outage: Run) -> None:
    chart = stock_chart(outage.tables, outage.labels, "en", "shanshan", since=APRIL, until=JUNE)
    frame = outage.tables["inventory_totals"]
    rows = frame[(frame["holder"] == "shanshan") & (frame["day"] >= APRIL) & (frame["day"] < JUNE)]
    stock, safe_fill, high_high, heel, _ = (series["data"] for series in chart.option["series"])
    assert [tonnes for _, tonnes in stock[1:]] == pytest.approx(rows["closing_t"].tolist(), abs=1e-3)
    assert safe_fill[-1][1] == 231_700
    assert heel[0][1] == 13_000
    assert high_high[0][1] == pytest.approx(13_000 + 0.95 * (231_700 - 13_000))


def test_full_is_told_in_hours_after_the_outage_behind_it(outage: Run) -> None:
    events = outage.tables["events"]
    full = events[(events["kind"] == "tank_full") & (events["asset"] == "shanshan")]["at"].iloc[0]
    hours = round((full - pd.Timestamp("2008-04-10 08:00")).total_seconds() / 3600)
    chart = stock_chart(outage.tables, outage.labels, "en", "shanshan")
    mark = chart.option["series"][0]["markPoint"]["data"][0]
    assert (
        mark["label"]["formatter"] == f"full {full:%m-%d %H:%M}, {hours} h after: Western trunk Shanshan–Yumen stopped"
    )
    assert mark["coord"][0] == int(full.timestamp() * 1000)
    shown = stock_chart(outage.tables, outage.labels, "zh", "shanshan").alt
    assert f"胀库，西部原油干线 鄯善—玉门停运后 {hours} 小时" in shown
    soon = stock_chart(
        outage.tables, outage.labels, "en", "shanshan", since=datetime(2008, 9, 1), until=datetime(2008, 9, 5)
    )
    assert "markPoint" not in soon.option["series"][0]
    assert soon.alt.endswith("Never full.")


def test_outages_are_paired_and_told(outage: Run) -> None:
    found = outages_of(outage.tables)
    trunk = next(o for o in found if o.asset == "trunk_west")
    assert (trunk.began, trunk.ended, trunk.remaining) == (datetime(2008, 4, 10, 8), datetime(2008, 5, 1, 8), 0.0)
    assert trunk.span("en") == "04-10…05-01"
    limited = next(o for o in found if o.asset == "lanzhou_rail.paths")
    assert limited.told(outage.labels, "zh") == "兰州铁路发运运行线限至 67%"
    assert [o.began for o in found] == sorted(o.began for o in found)


def test_an_outage_without_an_end_lasts_to_the_end() -> None:
    events = pd.DataFrame(
        {
            "at": pd.to_datetime(["2008-01-02", "2008-01-05"]),
            "kind": ["outage_began"] * 2,
            "asset": ["a"] * 2,
            "value": [0.5, 0.0],
        }
    )
    first, second = outages_of({"events": events})
    assert (first.ended, second.ended) == (datetime(2008, 1, 5), None)  # another remainder holds from then on
    assert second.span("en") == "01-05…end of run"


def test_the_map_s_flows_are_those_of_the_tables(outage: Run) -> None:
    since, until = datetime(2008, 6, 1), datetime(2008, 7, 1)
    graph = network_chart(outage.tables, outage.labels, "en", since=since, until=until).option["series"][0]
    flows = outage.tables["flow_totals"]
    flows = flows[(flows["day"] >= since) & (flows["day"] < until)]
    edges = {(edge["source"], edge["target"]): edge for edge in graph["links"]}
    trunk = flows.loc[flows["asset"] == "trunk_west", "entered_t"].sum() / 30
    assert edges["shanshan", "yumen_station"]["value"] == pytest.approx(trunk, abs=0.001)
    assert (
        edges["lunnan_intake", "lunnan_station"]["lineStyle"]["width"]
        < edges["shanshan", "yumen_station"]["lineStyle"]["width"]
    )
    trains = outage.tables["trains"]
    trains = trains[(trains["departed_at"] >= since) & (trains["departed_at"] < until) & (trains["customer"] == "xian")]
    assert edges["lanzhou_rail", "xian"]["value"] == pytest.approx(trains["loaded_t"].sum() / 30, abs=0.001)
    ids = {node["id"] for node in graph["data"]}
    assert {end for pair in edges for end in pair} <= ids
    assert set(outage.tables["network"].query("kind in ('farm', 'customer', 'supplier', 'railway')")["asset"]) <= ids


def test_an_outage_is_marked_on_the_map_and_named_below_it(outage: Run) -> None:
    chart = network_chart(outage.tables, outage.labels, "zh", since=datetime(2008, 4, 12), until=datetime(2008, 4, 20))
    key = chart.option["graphic"][0]["style"]["text"]
    assert "×1 西部原油干线 鄯善—玉门停运 04-10…05-01" in key
    marks = [node["name"] for node in chart.option["series"][0]["data"] if str(node["id"]).startswith(".figure/trunk")]
    assert sorted(marks) == ["×1", "×2"]
    line = next(edge for edge in chart.option["series"][0]["links"] if edge["source"] == "shanshan")
    assert line["lineStyle"]["type"] == [3, 3]


def test_places_stay_where_they_are_over_time(outage: Run) -> None:
    def places(since: datetime) -> dict[str, float]:
        chart = network_chart(outage.tables, outage.labels, "en", since=since, until=since + timedelta(days=1))
        return {node["id"]: node["x"] for node in chart.option["series"][0]["data"] if node["id"][0] != "."}

    assert places(datetime(2008, 2, 1)) == places(datetime(2008, 4, 20))


def test_what_oil_goes_through(outage: Run) -> None:
    network = outage.tables["network"]
    ways = downstream(ways_of(network), "yumen_station")
    assert {"trunk_east", "lanzhou_depot", "lanzhou_rail", "luoyang", "yumen_feed", "yumen"} <= ways
    assert not {"trunk_west", "shanshan", "yumen_station"} & ways


def test_batches_and_trains_are_all_there(outage: Run) -> None:
    parcels = batches_chart(outage.tables, outage.labels, "en").option["series"]
    pumped = outage.tables["batches"]
    assert sum(len(series["data"]) for series in parcels) == int((pumped["pumped_t"] > 0).sum())
    trains = outage.tables["trains"]
    begun = trains["loading_started_at"].notna()
    bars = trains_chart(outage.tables, outage.labels, "en").option["series"]
    assert sum(len(series["data"]) for series in bars) == int(begun.sum())
    late = next(series for series in bars if series["name"] == "a day or more late")
    assert len(late["data"]) == int((trains.loc[begun, "delay_days"] >= 1).sum())


def test_parcels_of_a_line_touch_and_stay_within_it(outage: Run) -> None:
    for series in batches_chart(outage.tables, outage.labels, "en", pipelines=["trunk_west"]).option["series"]:
        for parcel in series["data"]:
            assert all(0.0599 <= place <= 0.9401 for place in parcel[1::2])
            assert parcel[0] <= parcel[6]  # the front enters before it leaves
            assert parcel[2] <= parcel[4]


def test_a_tornado_is_ordered_by_reach() -> None:
    levers = [Lever("small", 0.79, 0.81), Lever("large", 0.5, 0.95, "30 d", "0 d")]
    chart = tornado_chart(levers, 0.8, "en", name="Completion", unit="", ratio=True)
    assert chart.option["yAxis"]["data"] == ["large", "small"]
    low = chart.option["series"][0]
    assert low["data"][0][:2] == [50, 80]
    assert low["itemPayload"]["ends"][0] == "30 d 50.0"


def test_variants_have_a_colour_and_a_pattern_each() -> None:
    chart = variants_chart({str(i): {"x": float(i)} for i in range(8)}, "en", name="x")
    styles = [(s["itemStyle"]["color"], json.dumps(s["itemStyle"]["decal"])) for s in chart.option["series"]]
    assert len({colour for colour, _ in styles}) == len({pattern for _, pattern in styles}) == 8


def test_a_fan_s_bands_are_the_quantiles() -> None:
    quantiles = {0.1: [-5.0, 1.0], 0.5: [2.0, 3.0], 0.9: [9.0, 5.0]}
    lower, band, median = fan_chart(DAYS[:2], quantiles, "en", name="x", unit="t").option["series"]
    assert [v for _, v in lower["data"]] == [-5, 1]
    assert [v for _, v in band["data"]] == [14, 4]
    assert [v for _, v in median["data"]] == [2, 3]


def test_colours_contrast_and_differ_in_grey() -> None:
    for back, ink in (*BAND_COLOURS.values(), *SEVERITY_COLOURS.values()):
        assert contrast(back, ink) >= 4.5, back
    for colour in SERIES:
        assert contrast(colour, ink_on(colour)) >= 4.5, colour
    grey = [luminance(BAND_COLOURS[band][0]) for band in ("green", "low", "severe")]
    assert all(a - b > 0.15 for a, b in pairwise(grey))
    assert all(abs(luminance(a) - luminance(b)) > 0.04 for a, b in pairwise(SERIES))


# --- layout

boxes = st.lists(
    st.tuples(
        st.floats(20, 120), st.floats(20, 80), st.none() | st.tuples(st.floats(30, 45), st.floats(80, 120)),
    ), min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(boxes, st.data())
def test_every_place_is_on_the_sheet(
    shapes: list[tuple[float, float, tuple[float, float] | None]], data: st.DataObject
) -> None:
    places = tuple(Place(str(i), w, h, h / 4, *(at or (None, None))) for i, (w, h, at) in enumerate(shapes))
    names = [p.name for p in places]
    links = data.draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=20))
    spots = laid_out(places, tuple(links), 900, 600)
    assert set(spots) == set(names)
    for place in places:
        x, y = spots[place.name]
        assert place.width / 2 - 0.1 <= x <= 900 - place.width / 2 + 0.1
        assert place.height / 2 - 0.1 <= y <= 600 - place.height / 2 + 0.1
    laid_out.cache_clear()
    assert laid_out(places, tuple(links), 900, 600) == spots


def test_layers_go_from_left_to_right_even_around_a_loop() -> None:
    names = ["a", "b", "c", "d", "e"]
    spots = layered(names, [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("e", "d")], 400, 200)
    assert spots["a"][0] < spots["b"][0] == spots["c"][0] < spots["d"][0]
    assert spots["e"][0] == spots["b"][0]  # right before what it feeds


def test_a_network_without_coordinates_is_laid_out_in_layers() -> None:
    places = tuple(Place(name, 60, 40) for name in "abc")
    spots = laid_out(places, (("a", "b"), ("b", "c")), 600, 200)
    assert spots["a"][0] < spots["b"][0] < spots["c"][0]


def test_crossings_and_lines_through_boxes_are_clutter() -> None:
    places = [Place(name, 20, 20) for name in "abcd"]
    links = [("a", "c"), ("b", "d")]
    square = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (100.0, 100.0), "d": (0.0, 100.0)}
    apart = {**square, "c": square["d"], "d": square["c"]}
    assert clutter(places, links, square) > clutter(places, links, apart) + 50
    through = {**apart, "b": (0.0, 50.0)}
    assert clutter(places, [("a", "c")], through) == pytest.approx(0.2 * 100 + 20)
