"""The contract with analysts, rules and reports: what a table, and each of its columns, is.

Every table is declared once (``chainsim.results.catalogue``); the frames are checked against the declaration when they are
built, and the data dictionary, the workbook's headers, the rules' static checks and the docs all read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

ColumnType = Literal["date", "instant", "name", "text", "number", "integer", "boolean"]
"""``date``: a midnight; ``instant``: a moment to the second; ``name``: one of a known set; ``number``: may be null."""

DTYPES: dict[ColumnType, str] = {
    "date": "datetime64[us]",
    "instant": "datetime64[us]",
    "name": "category",
    "text": "str",
    "number": "float64",
    "integer": "int64",
    "boolean": "bool",
}
"""Column type → pandas dtype. Microseconds are what Parquet keeps without a cast."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``unit`` is empty for names and texts, "1" for a ratio.

    ``domain`` names the set a ``name`` column is drawn from (columns of one domain share their categories and may be
    compared); ``values`` lists the set with its texts (English, Chinese) where it does not depend on the scenario.
    """

    name: str
    type: ColumnType
    unit: str
    header_en: str
    header_zh: str
    meaning_en: str
    meaning_zh: str
    key: bool = False
    domain: str = ""
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def dtype(self) -> str:
        """The pandas dtype."""
        return DTYPES[self.type]

    def header(self, lang: str) -> str:
        """The column's heading in ``lang`` ("en" or "zh"), without unit."""
        return self.header_zh if lang == "zh" else self.header_en

    def meaning(self, lang: str) -> str:
        """What the column says, in ``lang``."""
        return self.meaning_zh if lang == "zh" else self.meaning_en

    def value_text(self, lang: str, value: str) -> str:
        """A member of ``values`` in ``lang``; anything else as it is."""
        texts = self.values.get(value)
        return value if texts is None else texts[lang == "zh"]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: keys first, tidy, one row per key."""

    name: str
    title_en: str
    title_zh: str
    meaning_en: str
    meaning_zh: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = field(init=False, compare=False, repr=False)
    """The names of the key columns."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", tuple(c.name for c in self.columns if c.key))

    def column(self, name: str) -> Column:
        """The column called ``name``; ``KeyError`` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    def title(self, lang: str) -> str:
        """The table's title in ``lang``."""
        return self.title_zh if lang == "zh" else self.title_en

    def meaning(self, lang: str) -> str:
        """What a row of the table says, in ``lang``."""
        return self.meaning_zh if lang == "zh" else self.meaning_en


def check_frame(table: Table, frame: pd.DataFrame) -> None:
    """Assert that ``frame`` has exactly the declared columns, in order, with the declared dtypes.

    A deviation is our mistake, so it is an ``AssertionError``.
    """
    declared = [c.name for c in table.columns]
    assert list(frame.columns) == declared, f"{table.name}: columns {list(frame.columns)} are not {declared}"
    for column, dtype in zip(table.columns, frame.dtypes, strict=True):
        assert str(dtype) == column.dtype, f"{table.name}.{column.name} is {dtype}, declared {column.dtype}"


def dictionary_rows(tables: Mapping[str, Table]) -> list[dict[str, object]]:
    """The data dictionary: one row per column of each table, as plain values."""
    return [
        {
            "table": table.name,
            "table_title_en": table.title_en,
            "table_title_zh": table.title_zh,
            "column": column.name,
            "key": column.key,
            "type": column.type,
            "unit": column.unit,
            "header_en": column.header_en,
            "header_zh": column.header_zh,
            "meaning_en": column.meaning_en,
            "meaning_zh": column.meaning_zh,
            "values": "; ".join(column.values),
        }
        for table in tables.values()
        for column in table.columns
    ]
