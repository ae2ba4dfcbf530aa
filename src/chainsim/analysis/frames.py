"""Declared tables as an analyst reaches for them: by item, by attribute, by the Tab key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from chainsim.analysis.display import grid
from chainsim.model.messages import nearest_name
from chainsim.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.results import Table


class Frames(Mapping[str, "pd.DataFrame"]):
    """Tables by name: ``tables["completion"]`` is ``tables.completion``, a pandas frame as declared, made when first asked for.

    Frames are shared: copy one before changing it. ``about(name)`` tells its columns with units and meanings.
    """

    def __init__(self, parts: Mapping[str, pd.DataFrame], declared: Mapping[str, Table], lang: str) -> None:
        self._parts = parts
        self._declared = {name: declared[name] for name in parts}
        self._lang = lang

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._declared:
            raise KeyError(self._no_table(name))
        return self._parts[name]

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._declared:
            raise AttributeError(self._no_table(name))
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._declared]

    def about(self, name: str) -> pd.DataFrame:
        """The columns of a table: name, type, unit, header and meaning in the study's language."""
        import pandas as pd

        if name not in self._declared:
            raise KeyError(self._no_table(name))
        lang = self._lang
        return pd.DataFrame(
            [
                {"column": c.name, "type": c.type, "unit": c.unit, "header": c.header(lang), "meaning": c.meaning(lang)}
                for c in self._declared[name].columns
            ]
        ).set_index("column")

    def __repr__(self) -> str:
        return f"Frames({', '.join(self._declared)})"

    def _repr_html_(self) -> str:
        lang = self._lang
        heads = (
            text(lang, "analysis.head.table"),
            text(lang, "analysis.head.title"),
            text(lang, "analysis.head.meaning"),
        )
        return grid(heads, [(t.name, t.title(lang), t.meaning(lang)) for t in self._declared.values()], lang)

    def _no_table(self, name: str) -> str:
        near = nearest_name(name, self._declared)
        return text(self._lang, "analysis.no_table", name=name) + (
            text(self._lang, "analysis.nearest", name=near) if near else ""
        )


class Lazily(Mapping[str, "pd.DataFrame"]):
    """Frames by name, each made by its maker when first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
        self._makers = makers
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)
