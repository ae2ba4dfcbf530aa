"""What findings say: the values of the rows they show, in words, filled into the rule's messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chainsim.records import CAUSES
from chainsim.results import Column, Labels
from chainsim.rules.language.checking import KINDS
from chainsim.rules.language.tree import PERIODS, names
from chainsim.rules.ledger import Cause
from chainsim.rules.periods import period_text
from chainsim.rules.rule import Rule
from chainsim.rules.running.episodes import Episodes
from chainsim.rules.templates import Field, Template, format_number
from chainsim.texts import text


class Shown:
    """The values of the rows that are shown, column by column, as they are and as texts."""

    def __init__(self, rule: Rule, episodes: Episodes, labels: Labels) -> None:
        self.columns = rule.columns
        self.count = len(episodes.shown)
        self._episodes = episodes
        self.members = _members(episodes) if rule.rows.members else [""] * self.count
        """Everybody concerned in any period of the episode; the column has those of the period that is shown."""
        self._labels = labels

    def values(self, name: str) -> list[Any]:
        """A column's values, row by row."""
        out: list[Any] = self._episodes.shown_values(name).to_pylist()
        return out

    def raw(self, name: str) -> list[str]:
        """A column's values as plain texts, "" for unknown."""
        return [_plain_text(value) for value in self.values(name)]

    def texts(self, field: Field, lang: str) -> list[str]:
        """``field`` of every row in words."""
        column = self.columns[field.name]
        values = self.values(field.name)
        if column.type in {"number", "integer"}:
            return [format_number(float("nan") if v is None else float(v), field.format) for v in values]
        if KINDS[column.type] == "date":
            return [period_text(v, "month" if field.name == "month" else "day") for v in values]
        if column.type == "boolean":
            return ["?" if v is None else text(lang, "yes" if v else "no") for v in values]
        word = self._word(column, lang)
        if field.name == "members":
            return [
                _members_text(v or "", everybody, word, lang) for v, everybody in zip(values, self.members, strict=True)
            ]
        return ["?" if v is None else word(v) for v in values]

    def _word(self, column: Column, lang: str) -> Any:
        if column.values:
            return lambda value: column.value_text(lang, value)
        if column.domain in ("grade", "grade_or_all"):
            return lambda value: self._labels.grade(lang, value)
        return (lambda value: self._labels.asset(lang, value)) if column.domain else str


def messages_of(template: Template, shown: Shown, episode: Mapping[str, list[str]], lang: str) -> list[str]:
    """The message of every row; ``episode`` has what is no column: ``since``, ``because`` …"""
    parts: list[list[str]] = []
    for part in template.parts:
        if isinstance(part, str):
            parts.append([part] * shown.count)
        else:
            parts.append(episode[part.name] if part.name not in shown.columns else shown.texts(part, lang))
    return ["".join(words) for words in zip(*parts, strict=True)] if parts else [""] * shown.count


def because_of(cause: Cause | None, customer: str, labels: Labels, lang: str) -> str:
    """The clause on the main cause, or nothing."""
    if cause is None:
        return ""
    # Tables from elsewhere may have causes of their own.
    name, share = CAUSES.get(cause.cause, (cause.cause, cause.cause))[lang == "zh"], cause.tonnes / cause.total
    if cause.asset == customer:
        return text(lang, "because.own", cause=name, share=share, total=cause.total)
    return text(lang, "because", cause=name, asset=labels.asset(lang, cause.asset), share=share, total=cause.total)


def values_texts(rule: Rule, shown: Shown) -> list[str]:
    """``column=value`` for what the condition read, the keys aside."""
    read = [name for name in names(rule.when) if name not in {*rule.subject_keys, *PERIODS}]
    parts = []
    for name in read:
        column = shown.columns[name]
        if column.type in {"number", "integer"}:
            parts.append([f"{name}={'?' if v is None else format_number(float(v), '')}" for v in shown.values(name)])
        elif KINDS[column.type] == "date":
            parts.append([f"{name}={period_text(v, 'day')}" for v in shown.values(name)])
        else:
            parts.append([f"{name}={'?' if v is None else _plain_text(v)}" for v in shown.values(name)])
    return ["; ".join(words) for words in zip(*parts, strict=True)] if parts else [""] * shown.count


def _members(episodes: Episodes) -> list[str]:
    """Everybody named in any period of an episode, by name."""
    texts = episodes.held["members"].take(episodes.order).to_pylist()
    spans = zip(episodes.starts.tolist(), episodes.counts.tolist(), strict=True)
    named = (
        {name for text in texts[start : start + count] for name in (text or "").split("; ")} for start, count in spans
    )
    return ["; ".join(sorted(names - {""})) for names in named]


def _members_text(shown: str, everybody: str, word: Callable[[str], str], lang: str) -> str:
    """Who is concerned in the period shown, whose numbers the message tells, and who else in others."""
    join = "、".join if lang == "zh" else ", ".join
    now = shown.split("; ")
    told = join(map(word, now))
    others = [name for name in everybody.split("; ") if name not in now]
    return text(lang, "members.also", members=told, others=join(map(word, others))) if others else told


def _plain_text(value: Any) -> str:
    """A key as a text: dates as ISO, true and false as in rules."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.strftime("%Y-%m-%d") if isinstance(value, datetime) else str(value)
