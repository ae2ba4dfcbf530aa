"""What is declared is complete, in both languages, and what every table is."""

from __future__ import annotations

import pytest
from tests.results.hand_made import log, scenario

from chainsim.records import CAUSES, EVENT_KINDS
from chainsim.results import KPIS, TABLES, Table, build_tables, check_frame, data_dictionary

FRAMES = build_tables(scenario(), log())


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_every_table_is_as_declared(table: Table) -> None:
    frame = FRAMES[table.name]
    check_frame(table, frame)
    assert len(frame) > 0
    assert not frame.duplicated(list(table.keys)).any()
    assert getattr(FRAMES, table.name) is frame


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_every_column_speaks_both_languages(table: Table) -> None:
    assert table.keys
    assert table.meaning("en") != table.meaning("zh")
    names = [c.name for c in table.columns]
    assert len(set(names)) == len(names)
    for lang in ("en", "zh"):
        headers = [(c.header(lang), c.unit) for c in table.columns]
        assert len(set(headers)) == len(headers), f"{table.name}: two columns with one header"
    for column in table.columns:
        assert column.meaning("en") and column.meaning("zh"), column.name
        assert not column.meaning("zh").isascii() and not column.header("zh").isascii(), column.name
        assert column.type == "name" or not column.values
        assert column.type != "name" or column.domain
        if column.name.endswith("_t") and not column.name.endswith("_per_t"):
            assert column.unit == "t"
        if column.name.endswith("_yuan"):
            assert column.unit == "yuan"


def test_columns_of_one_domain_may_be_compared() -> None:
    assert (FRAMES.completion["customer"].dtype) == FRAMES.deliveries["customer"].dtype
    merged = FRAMES.completion.merge(FRAMES.shortfalls, on=["month", "customer", "grade"])
    assert str(merged["customer"].dtype) == "category"


def test_fixed_sets_come_from_the_records() -> None:
    assert TABLES["shortfalls"].column("cause").values is CAUSES
    assert TABLES["events"].column("kind").values is EVENT_KINDS
    assert TABLES["shortfalls"].column("cause").value_text("zh", "pipeline") == "管线停输"
    with pytest.raises(KeyError):
        TABLES["shortfalls"].column("tonnes")


def test_a_frame_that_is_not_as_declared_is_our_mistake() -> None:
    frame = FRAMES.balance
    with pytest.raises(AssertionError, match="columns"):
        check_frame(TABLES["balance"], frame[["grade"]])
    with pytest.raises(AssertionError, match="declared float64"):
        check_frame(TABLES["balance"], frame.assign(lost_t="x"))


def test_the_data_dictionary_has_every_column() -> None:
    dictionary = data_dictionary()
    assert len(dictionary) == sum(len(t.columns) for t in TABLES.values())
    assert (dictionary["meaning_en"].str.len() > 0).all()


def test_tables_are_a_mapping_and_name_what_they_lack() -> None:
    assert list(FRAMES) == list(TABLES)
    assert len(FRAMES) == len(TABLES)
    with pytest.raises(AttributeError, match="nothing"):
        _ = FRAMES.nothing


def test_every_key_figure_is_told_in_both_languages() -> None:
    assert len({k.name for k in KPIS}) == len(KPIS)
    assert all(k.header_en and not k.header_zh.isascii() and k.meaning_en and k.meaning_zh for k in KPIS)
