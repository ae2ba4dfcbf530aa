"""Overlays as plain values: what is written is read back as it was meant; rows of lists take their namesakes' places."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainsim.files import load_scenario
from chainsim.files.overlays import Changes, overlay_text, overlay_tree
from chainsim.files.tree import Block, Items, Report
from chainsim.files.yamltext import read_yaml

SIGNS = st.sampled_from([*"ab09-.:#,'\"\\{}[]&*!|>%@`~ \u00a0\u3000油田é\U00011af9"]) | st.characters(
    codec="utf-8", categories=("L", "N", "P", "S")
)
WORDS = st.text(SIGNS, max_size=6).map(str.strip)
NAMES = WORDS.filter(bool)
ROWS = st.dictionaries(NAMES, WORDS, min_size=1, max_size=2)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "pipelines": st.dictionaries(NAMES, ROWS, min_size=1, max_size=2),
        "plan": st.lists(ROWS, min_size=1, max_size=2),
        "orders": st.lists(
            st.fixed_dictionaries({"number": NAMES, "lines": st.lists(ROWS, min_size=1, max_size=2)}),
            min_size=1,
            max_size=2,
        ),
    },
)


def as_plain(value: object) -> object:
    if isinstance(value, Block):
        return {key: as_plain(inner) for key, inner in value.items()}
    return [as_plain(inner) for inner in value] if isinstance(value, Items) else value


@given(CHANGES, NAMES)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read_back(changes: Changes, extends: str) -> None:
    report = Report()
    tree = read_yaml(overlay_text(changes, extends=extends), "x.yaml", 0, report)
    assert not report.problems
    assert as_plain(tree) == {"extends": extends, **changes}
    assert as_plain(overlay_tree(changes)) == changes


def test_every_value_knows_its_path() -> None:
    tree = overlay_tree({
        "pipelines": {"trunk": {"capacity": "5"}},
        "plan": [{"customer": "works", "grade": "tarim", "period": "2008-02", "amount": "1"}],
        "disruptions": [{"name": "trunk repair", "asset": "trunk", "from": "2008-02-10"}],
    })  # fmt: skip
    assert tree["pipelines"]["trunk"].place_of("capacity").file == "pipelines.trunk.capacity"
    assert tree["plan"][0].place_of("amount").file == "plan.works.tarim.2008-02.amount"
    assert tree["disruptions"][0].place_of("from").file == "disruptions.trunk repair.from"


def test_an_overlay_moves_an_outage_and_approves_a_draft(small: Path) -> None:
    file = small.parent / "what-if.yaml"
    file.write_text(
        "extends: small\ndisruptions:\n"
        "  - {name: trunk repair, asset: trunk, from: 2008-03-01, to: 2008-03-02, remaining: 0, cause: pipeline}\n"
        "  - {asset: trunk, from: 2008-03-05, to: 2008-03-06, remaining: 0, cause: pipeline}\n"
        "orders:\n  - {number: 2008-02, issued: 2008-02-18, effective: 2008-03-01 06:00, state: approved, lines: [\n"
        "     {customer: north, grade: tarim, period: 2008-03, amount: 7000}]}\n",
        encoding="utf-8",
    )
    scenario = load_scenario(file).scenario
    assert [(d.name, d.start) for d in scenario.disruptions] == [("trunk repair", 60.0), ("trunk 2008-03-05", 64.0)]
    assert [(o.number, o.state) for o in scenario.orders] == [("2008-01", "approved"), ("2008-02", "approved")]


def test_an_outage_without_a_name_is_called_by_its_asset_and_day(small: Path) -> None:
    (small.parent / "one.yaml").write_text(
        "extends: small\ndisruptions:\n  - {asset: local, from: 2008-03-05, to: 2008-03-06, remaining: 0, cause: pipeline}\n",
        encoding="utf-8",
    )
    (small.parent / "two.yaml").write_text(
        "extends: one.yaml\ndisruptions:\n"
        "  - {name: local 2008-03-05, asset: local, from: 2008-03-07, to: 2008-03-09, remaining: 0, cause: pipeline}\n",
        encoding="utf-8",
    )
    scenario = load_scenario(small.parent / "two.yaml").scenario
    assert [(d.name, d.start, d.end) for d in scenario.disruptions[1:]] == [("local 2008-03-05", 66.0, 68.0)]
