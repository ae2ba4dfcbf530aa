"""What cannot be: what a solved program cannot deliver and why, and why a program has no solution.

``shortfalls_in_words`` reads a solved program: what it cannot deliver, and the dearest limit on the way. ``diagnose`` makes a
program without any solution elastic: its rows that can clash may be broken at a price per tonne (J. W. Chinneck, Feasibility and
Infeasibility in Optimization, 2008, chapter 6), and those that are broken least together say what cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulp

from chainsim.model import Scenario, TankFarm
from chainsim.optimization.case import Case, Settings, case_of
from chainsim.optimization.findings import Finding, Speaker, extra_in_words, joined, limit_in_words
from chainsim.optimization.formulation import Formulation, formulate
from chainsim.optimization.grid import variable_grid
from chainsim.optimization.opening import MonthKey, opening_of
from chainsim.optimization.pricing import tonne_prices
from chainsim.optimization.questions import OutOfReach
from chainsim.optimization.reasons import Binding, bindings_on, way_of
from chainsim.optimization.replanning import Answer
from chainsim.optimization.solving import Infeasible, Session
from chainsim.simulation import resume, simulate
from chainsim.texts import text

_LEAST_T = 50.0
"""Less is not worth a sentence."""
_HARDLY_T = 1e-3
_MOST_LIMITS = 3
_MILLION = 1e6


def shortfalls_in_words(answer: Answer) -> tuple[Finding, ...]:
    """What even the best plan cannot deliver, must shut in, keep above safe fill or run below its minimum, month by month.

    A month's shortfalls that the same limit causes are one finding.
    """
    case = answer.program.case
    speaker = Speaker(case.scenario)
    out = [*_late(answer, speaker), *_shut_in(answer, speaker), *_overfilled(answer, speaker), *_below(answer, speaker)]
    return tuple(sorted(out, key=lambda finding: finding.month))


def _late(answer: Answer, speaker: Speaker) -> list[Finding]:
    """The months in which plan lines fall further behind, by the dearest limit on their ways in that month."""
    case = answer.program.case
    prices = tonne_prices(case, answer.solved)
    backlog = answer.promise.backlog_t()
    groups: dict[tuple[int, str, str], list[tuple[MonthKey, float, Binding | None]]] = {}
    for key in case.keys:
        way = way_of(case, key)
        before = 0.0
        for month in (month for month in case.grid.months if (*key, month) in case.plan_t):
            behind = backlog[*key, month]
            lost, before = behind - before, behind
            if lost <= _LEAST_T:
                continue
            own = {
                place: {b: price for b, price in course.items() if case.grid.buckets[b].month == month}
                for place, course in prices.items()
            }
            bindings = bindings_on(case, own, way, *key, until=month) or bindings_on(
                case, prices, way, *key, until=month
            )
            binding = next(iter(bindings), None)
            at = (binding.kind, binding.asset) if binding else ("", "")
            groups.setdefault((month, *at), []).append(((*key, month), lost, binding))
    out = []
    for (month, kind, asset), parts in groups.items():
        wanted = sum(case.plan_t[key] for key, _, _ in parts)
        possible = max(0.0, wanted - sum(lost for _, lost, _ in parts))
        binding = max((b for _, _, b in parts if b is not None), key=lambda b: b.price, default=None)
        out.append(speaker.late(month, kind, asset, wanted, possible, [key[:2] for key, _, _ in parts], binding))
    return out


def _shut_in(answer: Answer, speaker: Speaker) -> list[Finding]:
    case = answer.program.case
    out = []
    for supplier in case.scenario.suppliers:
        for month in case.grid.months:
            buckets = case.grid.of_month(month)
            wanted = sum(case.supply_t[supplier.name][b] for b in buckets)
            taken = sum(answer.solved.value(answer.program.of("s")[supplier.name, b]) for b in buckets)
            if wanted - taken > _LEAST_T:
                days = sum(case.grid.buckets[b].days for b in buckets)
                out.append(
                    speaker.rate(
                        "short.shut_in", "shut_in", supplier.name, month, wanted, taken, days, [("", supplier.grade)]
                    )
                )
    return out


def _overfilled(answer: Answer, speaker: Speaker) -> list[Finding]:
    """The highest level of a month in tanks that hold more than their safe fill."""
    case = answer.program.case
    out = []
    for holder in (*case.farms, *case.customers):
        name = holder.spec.name
        for month in case.grid.months:
            over = {b: answer.solved.value(answer.program.of("o")[name, b]) for b in case.grid.of_month(month)}
            worst = max(over, key=lambda b: over[b])
            if over[worst] > _LEAST_T:
                limit = holder.safe_fill_t[worst]
                out.append(speaker.amount("short.overfilled", "safe_fill", name, month, limit + over[worst], limit))
    return out


def _below(answer: Answer, speaker: Speaker) -> list[Finding]:
    case = answer.program.case
    out = []
    for line in case.lines:
        for month in case.grid.months:
            buckets = [b for b in case.grid.of_month(month) if line.minimum_t[b] > 0.0]
            least = sum(line.minimum_t[b] for b in buckets)
            lacks = sum(answer.solved.value(answer.program.get("u", line.spec.name, b)) for b in buckets)
            if lacks > _LEAST_T:
                days = sum(case.grid.buckets[b].days for b in buckets)
                name = line.spec.name
                out.append(speaker.rate("short.below_minimum", "minimum", name, month, least, least - lacks, days, []))
    return out


def diagnose_day(scenario: Scenario, day: float, settings: Settings | None = None) -> tuple[Finding, ...]:
    """``diagnose`` of the re-plan of ``scenario`` on ``day``."""
    stopped = simulate(scenario, until=day)
    expected = resume(stopped) if stopped.state is not None else stopped
    return diagnose(case_of(scenario, opening_of(scenario, stopped, expected), variable_grid(scenario, day), settings))


def diagnose(case: Case) -> tuple[Finding, ...]:
    """What cannot be, where a case has no plan at all; nothing where it has one."""
    program = formulate(case)
    gives = _elastic(program)
    session = Session(program.problem, list(program.rows.values()), whole=False)
    try:
        found = session.minimise({variable: give.weight for variable, give in gives.items()})
    except Infeasible:
        return ()
    groups: dict[tuple[str, str, str, int], float] = {}
    for variable, give in gives.items():
        broken = float(found.columns[session.index[variable]])
        if broken > _HARDLY_T:
            at = give.kind, give.asset, give.grade, give.month
            groups[at] = groups.get(at, 0.0) + broken
    speaker = Speaker(case.scenario)
    ordered = sorted(groups.items(), key=lambda item: (item[0][3], item[0]))
    return tuple(_clash(case, speaker, *at, broken) for at, broken in ordered)


@dataclass(frozen=True, slots=True)
class _Give:
    """A column that lets a row be broken."""

    kind: str
    asset: str
    grade: str
    month: int
    weight: float


def _elastic(program: Formulation) -> dict[pulp.LpVariable, _Give]:
    """Columns for the rows that can clash with the state on the day: an account, a junction."""
    case = program.case
    junctions = {f.spec.name for f in case.farms if isinstance(f.spec, TankFarm) and f.spec.storage == "junction"}
    gives: dict[pulp.LpVariable, _Give] = {}

    def give(
        name: tuple[object, ...], kind: str, asset: str, grade: str, month: int, weight: float, sign: float
    ) -> None:
        column = program.add("gives", *name)
        program.rows[name].expr.addterm(column, sign)
        gives[column] = _Give(kind, asset, grade, month, weight)

    for name in list(program.rows):
        match name:
            case ("cash", str(asset), int(b)):
                dearest = max((case.price_yuan_per_t[grade][b] for of, grade in case.keys if of == asset), default=1.0)
                give(name, "cash", asset, "", case.grid.buckets[b].month, 1.0 / max(dearest, 1.0), -1.0)
            case ("balance", str(asset), str(grade), int(b)) if asset in junctions:
                give(name, "junction", asset, grade, case.grid.buckets[b].month, 1.0, 1.0)
            case _:
                pass
    return gives


def _clash(case: Case, speaker: Speaker, kind: str, asset: str, grade: str, month: int, broken: float) -> Finding:
    if kind == "cash":
        return speaker.said(
            "cannot.cash", kind, asset, month, 0.0, -broken / _MILLION, "10⁶ yuan",
            possible_text=f"{-broken / _MILLION:,.3f}",
        )  # fmt: skip
    there = case.opening.stock_t.get((asset, grade), 0.0)
    return speaker.amount("cannot.junction", kind, asset, month, there, max(0.0, there - broken), [("", grade)])


def beyond_reach(case: Case, answer: OutOfReach) -> Finding:
    """A named completion that cannot be: what can, the limits in the way, and what would have to be added."""
    speaker = Speaker(case.scenario)
    once = dict.fromkeys((place.kind, place.asset) for place in answer.binds)
    limits = [
        (at, tuple(sorted({p.month for p in answer.binds if (p.kind, p.asset) == at})))
        for at in list(once)[:_MOST_LIMITS]
    ]
    told = {}
    for lang, words in speaker.words.items():
        parts = [limit_in_words(words, case.scenario, kind, asset, months) for (kind, asset), months in limits]
        told[lang] = text(lang, "cannot.held_back", limits=joined(lang, parts)) if parts else ""
        if answer.extra:
            added = [extra_in_words(words, extra) for extra in answer.extra[:_MOST_LIMITS]]
            rest = "…" if len(answer.extra) > _MOST_LIMITS else ""
            told[lang] += text(lang, "cannot.would_take", extra=joined(lang, added) + rest)
    month = case.grid.months[-1]
    # Rounded down: what is not reached must not look as if it were.
    possible = int(answer.possible * 1000.0) / 1000.0
    sentences = {
        lang: text(
            lang,
            "cannot.target",
            month=words.months([month]),
            asset=words.labels.asset(lang, answer.customer),
            wanted=f"{answer.target:.1%}",
            possible=f"{possible:.1%}",
            limits=told[lang],
        )
        for lang, words in speaker.words.items()
    }
    return Finding(
        kind="target", asset=answer.customer, month=month, wanted=answer.target, possible=answer.possible, unit="1",
        customers=(answer.customer,), en=sentences["en"], zh=sentences["zh"],
    )  # fmt: skip
