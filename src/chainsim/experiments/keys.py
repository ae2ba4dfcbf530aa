"""Reading a mapping of an experiment file key by key; everything wrong goes to one report, with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from chainsim.experiments.distributions import PARAMETERS, Spread
from chainsim.experiments.messages import tell
from chainsim.files.quantities import (
    BadValueError,
    read_count,
    read_flag,
    read_number,
    read_share,
    read_text,
    split_compact,
)
from chainsim.files.tree import Block, Items, Place, Report, path_text, written
from chainsim.model import Label
from chainsim.model.messages import name_list, nearest_name

_Value = TypeVar("_Value")
_FORMS = {kind: f"{kind}({'; '.join(f'{name}=…' for name in names)})" for kind, names in PARAMETERS.items()}
"""How each distribution is written; a comma would end the value inside braces."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping of the file at ``path``, and where problems go."""

    block: Block
    path: tuple[str | int, ...]
    report: Report

    def accept(self, names: Sequence[str]) -> None:
        """Tell every key that is none of ``names``."""
        for key in self.block:
            if key not in names:
                near = nearest_name(key, names)
                tell(self.report, "unknown_key", self.place(key), path=self.shown(key), found=written(key), nearest=near,
                     names=name_list(names, 30))  # fmt: skip

    def place(self, key: str = "") -> Place:
        """Where the value of ``key`` stands, or the mapping."""
        return self.block.place_of(key) if key else self.block.place

    def shown(self, key: str | int) -> str:
        """``factors.outage.set``; of the mapping itself ``factors.outage``."""
        return path_text(self.path if key == "" else (*self.path, key))

    def tell(self, code: str, key: str, found: Any = None, *, nearest: str = "", **values: object) -> None:
        """A problem with the value of ``key``."""
        told = written(found) if found is not None else ""
        tell(self.report, code, self.place(key), path=self.shown(key), found=told, nearest=nearest, **values)

    def read(self, key: str, reader: Callable[[Any], _Value], default: _Value) -> _Value:
        """The value of ``key`` through a reader of ``chainsim.files.quantities``; ``default`` where it is absent or wrong."""
        if key not in self.block:
            return default
        try:
            return reader(self.block[key])
        except BadValueError as bad:
            values: dict[str, Any] = {"found": written(self.block[key]), "nearest": bad.nearest, **bad.values}
            self.report.add(bad.code, self.place(key), path=self.shown(key), **values)
            return default

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        return self.read(key, read_text, default)

    def flag(self, key: str) -> bool:
        """true or false; false where it is absent."""
        return self.read(key, read_flag, False)

    def share(self, key: str, default: float) -> float:
        """A number strictly between 0 and 1, or a percentage."""
        value = self.read(key, read_share, default)
        if not 0.0 < value < 1.0:
            self.tell("share_range", key, self.block[key])
            return default
        return value

    def count(self, key: str, least: int) -> int | None:
        """A whole number, ``least`` or more; None where it is absent."""
        value: int | None = self.read(key, read_count, least) if key in self.block else None
        if value is not None and value < least:
            self.tell("at_least", key, value, least=least)
            return least
        return value

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of ``choices``."""
        value = self.text(key, default)
        if value not in choices:
            self.tell("not_a_choice", key, value, nearest=nearest_name(value, choices), names=name_list(choices, 20))
            return default
        return value

    def names(self, key: str, known: Iterable[str] | None = None, what: str = "") -> tuple[str, ...]:
        """A list of names, or one; where ``known`` is given each is among them, or a pattern (``local_*``) of some of them."""
        value = self.block.get(key)
        given = value if isinstance(value, Items) else [] if value is None else [value]
        found = []
        options = None if known is None else list(known)
        for i, item in enumerate(given):
            place = given.place_of(i) if isinstance(given, Items) else self.place(key)
            try:
                name = read_text(item)
            except BadValueError as bad:
                self.report.add(
                    bad.code, place, path=self.shown(key), found=written(item), nearest=bad.nearest, **bad.values
                )
                continue
            matching = [] if options is None else [other for other in options if fnmatchcase(other, name)]
            if matching:
                found += matching
                continue
            if options is not None:
                near = nearest_name(name, options)
                tell(self.report, "unknown_name", place, path=self.shown(key), found=name, nearest=near, what=what,
                     names=name_list(options, 40))  # fmt: skip
                continue
            found.append(name)
        return tuple(dict.fromkeys(found))

    def inside(self, key: str) -> Keys | None:
        """The mapping under ``key``; None where it is absent or no mapping."""
        value = self.block.get(key)
        if value is None:
            return None
        if not isinstance(value, Block):
            self.tell("expected_mapping", key, value)
            return None
        return Keys(value, (*self.path, key), self.report)

    def label(self) -> Label:
        """The title in both languages."""
        value = self.block.get("title")
        if not isinstance(value, Block):
            title = self.text("title")
            return Label(en=title, zh=title)
        title_keys = Keys(value, (*self.path, "title"), self.report)
        title_keys.accept(("zh", "en"))
        return Label(en=title_keys.text("en"), zh=title_keys.text("zh"))

    def spread(self, key: str) -> Spread | None:
        """A distribution: ``normal(mean=1; sd=0.05)``, or the same as a mapping."""
        value = self.block.get(key)
        if value is None:
            return None
        kind, given = _kind_and_parameters(value)
        names = PARAMETERS.get(kind)
        if names is None or not isinstance(given, dict) or set(given) != set(names):
            near = kind if names is not None else nearest_name(kind, PARAMETERS)
            self.tell("bad_distribution", key, value, nearest=_FORMS.get(near, ""), names=", ".join(_FORMS.values()))
            return None
        try:
            spread = Spread(kind, tuple(read_number(given[name]) for name in names))
        except BadValueError as bad:
            self.report.add(bad.code, self.place(key), path=self.shown(key), found=written(value), nearest=bad.nearest,
                            **bad.values)  # fmt: skip
            return None
        if condition := spread.problem():
            self.tell("distribution_parameters", key, value, kind=kind, accepted=condition)
            return None
        return spread


def _kind_and_parameters(value: Any) -> tuple[str, Any]:
    if isinstance(value, str) and value.rstrip().endswith(")"):
        kind, _, inside = value.strip()[:-1].partition("(")
        try:
            return kind.strip(), dict(split_compact(inside.replace(",", ";")))
        except BadValueError:
            return kind.strip(), None
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.items()))
    return value.partition("(")[0].strip() if isinstance(value, str) else "", None
