"""The use cases of adjustment orders: draft one, write it, approve it. Beside ``chainsim.workflow``, and of its kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.errors import InputError, NoPlanError, Problem
from chainsim.mistakes import mistake
from chainsim.model import Scenario
from chainsim.model.plan import months_of
from chainsim.texts import both
from chainsim.workflow import LIBRARIES, Progress, manifest_of

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.files import LoadedScenario
    from chainsim.model import AdjustmentOrder
    from chainsim.optimization.case import Settings
    from chainsim.optimization.levels import Level
    from chainsim.optimization.questions import AssetPrice, Reached
    from chainsim.optimization.reasons import Why
    from chainsim.optimization.replanning import Replanned
    from chainsim.optimization.tables import Proven
    from chainsim.results import Labels


@dataclass(frozen=True)
class Optimized:
    """A re-plan's outcome: ``order`` is ``None`` where none does better than no order.

    ``chosen_by`` says where the day comes from: ``asked``, ``scenario`` (its as-of date) or ``outage`` (the first). ``tables``
    are those of ``chainsim.optimization.catalogue`` by name; ``explained`` is the customer to tell everything about, or empty.
    """

    path: Path
    scenario: Scenario
    replanned: Replanned
    chosen_by: str
    whys: tuple[Why, ...]
    proof: tuple[Proven, ...]
    tables: Mapping[str, pd.DataFrame]
    labels: Labels
    explained: str
    amount_unit: str
    warnings: tuple[Problem, ...]
    manifest: dict[str, Any]
    prices: tuple[AssetPrice, ...] | None = None
    """What more capacity is worth; ``None`` where it was not asked."""
    reached: Reached | None = None
    """How the customer asked for comes to the completion asked for."""

    def order(self, lang: str) -> AdjustmentOrder | None:
        """The draft with its reason, and each line's, in ``lang``."""
        from chainsim.optimization.wording import Words

        order = self.replanned.order
        words = Words(self.scenario, self.labels, lang)
        if order is None:
            return None
        months = months_of(self.scenario)
        reasons = {(w.change.customer, w.change.grade, months[w.change.month][2]): words.why(w) for w in self.whys}
        lines = tuple(replace(o, note=reasons[o.customer, o.grade, o.start]) for o in order.lines)
        return replace(order, reason=words.order(self.replanned, self.whys), lines=lines)


def optimize(
    path: Path,
    loaded: LoadedScenario | None = None,
    *,
    as_of: date | None = None,
    freeze: Sequence[str] = (),
    whole: Sequence[str] = (),
    explain: str = "",
    prices: bool = False,
    reach: str = "",
    time_limit: float | None = None,
    progress: Progress = lambda stage: None,
    told: Callable[[Level], None] = lambda level: None,
) -> Optimized:
    """The adjustment order that mends the plan of the scenario at ``path`` from ``as_of`` on, with its reasons and its proof.

    ``loaded`` is that scenario where it is read already, perhaps changed. ``freeze`` names plan lines that may not change,
    ``whole`` what is planned in whole lots (``trains``, ``batches``), ``explain`` a customer; ``prices`` asks what more capacity
    is worth, ``reach`` how a customer comes to a completion (``yumen=98%``). ``time_limit`` bounds the solver's seconds: the best
    order found by then counts. ``told`` hears of each level reached. Raises ``InputError`` with all problems, and ``NoPlanError``
    where no plan keeps to all limits, none is found in time, or none comes to that completion.
    """
    from chainsim.files import load_scenario
    from chainsim.optimization.asking import completion_asked, customer_asked, day_asked, frozen_lines, lots_asked
    from chainsim.optimization.case import Settings

    if loaded is None:
        progress("read")
        loaded = load_scenario(path)
    scenario = loaded.scenario
    problems: list[Problem] = []
    day, chosen_by, settings, customer = scenario.as_of_day, "", Settings(), ""
    target: tuple[str, float] | None = None
    for ask in ("day", "freeze", "whole", "explain", "reach"):
        try:
            if ask == "day":
                day, chosen_by = day_asked(scenario, as_of)
            elif ask == "freeze":
                settings = replace(settings, frozen=frozen_lines(scenario, day, freeze))
            elif ask == "whole":
                trains, batches = lots_asked(whole)
                settings = replace(settings, whole_trains=trains, whole_batches=batches)
            elif ask == "explain" and explain:
                customer = customer_asked(scenario, explain)
            elif ask == "reach" and reach:
                target = completion_asked(scenario, reach)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    outcome = _re_planned(path, loaded, day, chosen_by, settings, customer, time_limit, progress, told)
    if prices or target is not None:
        progress("answer")
    return replace(
        outcome,
        prices=_prices_of(outcome) if prices else None,
        reached=_reached(outcome, *target) if target is not None else None,
    )


def write_order(outcome: Optimized, file: Path, lang: str = "en") -> None:
    """The draft order as an overlay that ``run`` accepts; whole or not at all. ``refuse_other_file`` says what it may replace."""
    from chainsim.optimization.wording import Words
    from chainsim.optimization.writing import order_text
    from chainsim.reports import whole_file

    order = outcome.order(lang)
    assert order is not None
    extends = Path(os.path.relpath(outcome.path, file.parent)).as_posix()
    words = Words(outcome.scenario, outcome.labels, lang)
    content = order_text(
        order, outcome.whys, outcome.proof, words, extends=extends, file=file.as_posix(), unit=outcome.amount_unit
    )
    with whole_file(file) as temporary:
        temporary.write_text(content, encoding="utf-8")


def refuse_other_file(file: Path) -> None:
    """Raise ``InputError`` if ``file`` exists and is no draft that ``write_order`` wrote: it would be lost."""
    from chainsim.optimization.writing import MARK

    if not file.exists():
        return
    content = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    if not content.startswith(MARK) or "state: draft" not in content:
        raise InputError([mistake("output-order-exists", "error.not_a_draft", file=str(file))])


def write_replan(
    outcome: Optimized,
    folder: Path | None,
    *,
    workbook: Path | None = None,
    lang: str = "en",
    progress: Progress = lambda stage: None,
) -> None:
    """The re-plan's tables into ``folder`` and a workbook, as far as asked for."""
    from chainsim.reports import whole_file, write_results
    from chainsim.reports.workbook_replan import replan_workbook_bytes

    progress("write")
    with ExitStack() as stack:
        if workbook is not None:
            temporary = stack.enter_context(whole_file(workbook))
            temporary.write_bytes(replan_workbook_bytes(outcome.scenario, outcome.tables, outcome.manifest, lang))
        if folder is not None:
            write_results(folder, outcome.tables, outcome.manifest)


def approve(file: Path, number: str = "") -> str:
    """Approve the draft order in ``file`` (``number`` says which of several); the order's number.

    One word of the file changes. Raises ``InputError`` if there is no such draft, or the file cannot be run.
    """
    from chainsim.files.approving import approved_text
    from chainsim.reports import whole_file

    content, approved = approved_text(file, number)
    with whole_file(file) as temporary:
        temporary.write_bytes(content.encode("utf-8"))
    return approved


def _prices_of(outcome: Optimized) -> tuple[AssetPrice, ...]:
    from chainsim.optimization.questions import asset_prices

    return asset_prices(outcome.replanned.first.program.case)


def _reached(outcome: Optimized, customer: str, completion: float) -> Reached:
    """The cheapest change from what the simulation without an order delivers."""
    from chainsim.optimization.diagnosis import beyond_reach
    from chainsim.optimization.questions import OutOfReach, cheapest_change

    case = outcome.replanned.first.program.case
    answer = cheapest_change(case, customer, completion, expected=outcome.replanned.before.delivered_t)
    if isinstance(answer, OutOfReach):
        finding = beyond_reach(case, answer)
        raise NoPlanError([(finding.en, finding.zh)])
    return answer


def _re_planned(
    path: Path,
    loaded: LoadedScenario,
    day: float,
    chosen_by: str,
    settings: Settings,
    customer: str,
    time_limit: float | None,
    progress: Progress,
    told: Callable[[Level], None],
) -> Optimized:
    from chainsim.optimization.asking import LOTS
    from chainsim.optimization.diagnosis import diagnose_day
    from chainsim.optimization.reasons import reasons_of
    from chainsim.optimization.replanning import replan
    from chainsim.optimization.solving import Infeasible, OutOfTime
    from chainsim.optimization.tables import order_tables, proof_of
    from chainsim.results import labels_of

    scenario = loaded.scenario
    try:
        replanned = replan(scenario, day, settings, time_limit=time_limit, progress=progress, told=told)
    except OutOfTime:
        raise NoPlanError([both("optimize.out_of_time", seconds=time_limit)]) from None
    except Infeasible:
        found = diagnose_day(scenario, day, settings)
        raise NoPlanError([both("optimize.infeasible"), *((finding.en, finding.zh) for finding in found)]) from None
    progress("tables")
    whys = reasons_of(replanned)
    labels = labels_of(scenario)
    months = months_of(scenario)
    asked_lots = settings.whole_trains, settings.whole_batches
    manifest = manifest_of(path, scenario, loaded.inputs, Path(), (), (*LIBRARIES, "highspy", "pulp"))
    return Optimized(
        path=path,
        scenario=scenario,
        replanned=replanned,
        chosen_by=chosen_by,
        whys=whys,
        proof=proof_of(replanned),
        tables=order_tables(replanned, whys, labels),
        labels=labels,
        explained=customer,
        amount_unit=loaded.amount_unit,
        warnings=loaded.warnings,
        manifest={
            **manifest,
            "optimized_from": scenario.calendar_date(day).isoformat(),
            "frozen": [f"{c}/{g}/{months[m][2]:%Y-%m}" for c, g, m in sorted(settings.frozen)],
            "whole": [lot for lot, is_asked in zip(LOTS, asked_lots, strict=True) if is_asked],
        },
    )
