"""A draft order as a scenario overlay that ``chainsim run`` accepts: YAML with the reason beside each line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from chainsim.model import Scenario
from chainsim.model.plan import TONNES_PER, AdjustmentOrder, OrderLine, months_of
from chainsim.optimization.reasons import Why
from chainsim.optimization.tables import Proven
from chainsim.optimization.wording import Words
from chainsim.texts import text

MARK = "# chainsim optimize"
"""How a file that this module wrote begins."""


def order_text(
    order: AdjustmentOrder,
    whys: Sequence[Why],
    proof: Sequence[Proven],
    words: Words,
    *,
    extends: str,
    file: str,
    unit: str,
) -> str:
    """The overlay: ``order`` over the scenario at ``extends`` (relative to the file), amounts in the scenario's ``unit``."""
    scenario, lang = words.scenario, words.lang
    months = months_of(scenario)
    reasons = {(why.change.customer, why.change.grade, months[why.change.month][2]): why for why in whys}
    title = {
        language: text(language, "order.title", title=scenario.label.text(language, scenario.name), number=order.number)
        for language in ("en", "zh")
    }
    rows: list[str] = [
        f"{MARK} · {text(lang, 'order.file', number=order.number)}",
        *(f"# {line}" for line in text(lang, "order.how", file=file).splitlines()),
        *(f"# {line}" for line in _proof_lines(proof, words)),
        f"extends: {_quoted(extends)}",
        f"title: {{en: {_quoted(title['en'])}, zh: {_quoted(title['zh'])}}}",
        "orders:",
        f"  - number: {_quoted(order.number)}",
        f"    issued: {order.issued}",
        f"    effective: {_moment(scenario, order.effective_day)}",
        f"    state: {order.state}",
        f"    reason: {_quoted(order.reason)}",
        "    lines:",
    ]
    named = ""
    for line in order.lines:
        if line.customer != named:
            named = line.customer
            rows.append(f"      # --- {_one_line(words.labels.asset(lang, named))}")
        why = reasons[line.customer, line.grade, line.start]
        change = f"{why.change.before_t:,.0f} → {why.change.after_t:,.0f} t ({why.change.tonnes:+,.0f})"
        rows.append(f"      # {change}: {_one_line(words.why(why))}")
        named_line = f"customer: {_quoted(line.customer)}, grade: {_quoted(line.grade)}, period: {line.start:%Y-%m}"
        rows.append(f"      - {{{named_line}, amount: {in_unit(scenario, line, unit)}}}")
    return "\n".join(rows) + "\n"


def order_row(order: AdjustmentOrder, scenario: Scenario, unit: str) -> dict[str, Any]:
    """The order as plain values, each as its file would state it: a row of a what-if's ``orders``."""
    return {
        "number": order.number,
        "issued": str(order.issued),
        "effective": _moment(scenario, order.effective_day),
        "state": order.state,
        "reason": order.reason,
        "lines": [
            {"customer": line.customer, "grade": line.grade, "period": f"{line.start:%Y-%m}",
             "amount": in_unit(scenario, line, unit), **({"note": line.note} if line.note else {})}
            for line in order.lines
        ],
    }  # fmt: skip


def in_unit(scenario: Scenario, line: OrderLine, unit: str) -> str:
    """An order line's tonnes in ``unit`` (t, kt, wt or m3), as YAML's number."""
    if unit == "m3":
        density = next(grade.density_kg_per_m3 for grade in scenario.grades if grade.name == line.grade)
        return repr(line.tonnes * 1e3 / density)
    amount = line.tonnes / TONNES_PER[unit]
    return f"{amount:.0f}" if amount == round(amount) else repr(amount)


def _proof_lines(proof: Sequence[Proven], words: Words) -> list[str]:
    """Completion before and after, as simulated, of those that the order changes."""
    moved = [p for p in proof if f"{p.completion[0]:.1%}" != f"{p.completion[1]:.1%}"]
    return [
        text(
            words.lang,
            "order.proven",
            customer=_one_line(words.labels.asset(words.lang, p.customer)),
            before=p.completion[0],
            after=p.completion[1],
        )
        for p in moved
    ]


def _moment(scenario: Scenario, day: float) -> str:
    moment: datetime = scenario.instant(day)
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"


def _quoted(words: str) -> str:
    """A YAML scalar; a name that is plainly one stays bare."""
    plain = words.replace("-", "").replace("_", "").isalnum() and words.isascii() and words[0].isalpha()
    return words if plain else json.dumps(words, ensure_ascii=False)


def _one_line(words: str) -> str:
    return " ".join(words.split())
