"""A re-plan from end to end: the state on the day, the program, the draft order, and its proof by simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from chainsim.model import Scenario
from chainsim.model.plan import AdjustmentOrder
from chainsim.optimization.case import Case, MonthKey, Settings, case_of
from chainsim.optimization.drafting import (
    LEAST_CHANGE_T,
    Change,
    by_customer,
    changes_of,
    draft_number,
    order_of,
    with_order,
)
from chainsim.optimization.formulation import Formulation, certain_t, formulate
from chainsim.optimization.grid import variable_grid
from chainsim.optimization.levels import Level, Solved, prepare_evenness, solve_levels
from chainsim.optimization.opening import Opening, opening_of
from chainsim.optimization.outcome import Outcome, classes_of, in_whole_trains, promised, simulated
from chainsim.optimization.pro_rata import pro_rata_changes
from chainsim.optimization.restarting import start_from
from chainsim.optimization.solving import OutOfTime, Session
from chainsim.records import RunLog, Trunk
from chainsim.simulation import resume, simulate
from chainsim.simulation.branching import Branch, grow
from chainsim.simulation.run import collector_paused

ROUNDS = 4
"""Programs solved at most, each around the pumping that the order of the one before leads to, and within what that order
reached. Stopping at the first that makes nothing better was tried: in four scenarios of eleven a later one still did."""
_FINE_PART = 0.7
"""The part of a time limit after which days give way to months."""
_SAME = 1e-6
_EQUAL_PART = 0.01

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Answer:
    """One solved program and what it promises."""

    program: Formulation
    solved: Solved
    promise: Outcome

    @property
    def complete(self) -> bool:
        """Whether all levels were reached."""
        return self.solved.complete


@dataclass(frozen=True)
class Replanned:
    """A re-plan on ``day``.

    ``changes`` and ``order`` are empty and ``None`` where no order does better than none. ``before`` and ``after`` are simulated
    without and with the order; ``promise`` is what the program believes of the same order. ``answer`` holds the program that
    drafted it (for an order that none did, the last), ``first`` the one that had not yet learnt from any simulation of an order.
    """

    scenario: Scenario
    day: float
    case: Case
    answer: Answer
    first: Answer
    changes: tuple[Change, ...]
    order: AdjustmentOrder | None
    before: Outcome
    after: Outcome
    promise: Outcome
    log_before: RunLog
    log_after: RunLog
    complete: bool = True
    """Whether no program ran out of time."""


def replan(
    scenario: Scenario,
    day: float,
    settings: Settings | None = None,
    *,
    number: str = "",
    reference: Mapping[MonthKey, float] | None = None,
    rounds: int = ROUNDS,
    time_limit: float | None = None,
    progress: Progress = lambda stage: None,
    told: Callable[[Level], None] = lambda level: None,
) -> Replanned:
    """The adjustment order to ask for on ``day``; ``Infeasible`` if there is no plan at all. ``told`` hears of each level.

    ``time_limit``, in seconds within the solver, is for all programs together: the best order of those solved by then is
    returned, not ``complete``. Where not even the first has a plan after most of it, one by whole months is solved in what is
    left; ``OutOfTime`` if that has none either.
    ``reference`` holds the months' plans by which arrears count, where orders given since are not to change them.
    """
    progress("state")
    stopped = simulate(scenario, until=day)
    expected = resume(stopped) if stopped.state is not None else stopped
    grid = variable_grid(scenario, day)
    opening = opening_of(scenario, stopped, expected, reference)
    case = case_of(scenario, opening, grid, settings, reference)
    before = simulated(case, expected)
    prover = _Prover(scenario, case, day, before)
    best: tuple[Answer, _Trial] | None = None
    answer = None
    first = None
    left, complete = time_limit, True
    for _ in range(rounds):
        progress("solve")
        try:
            answer = solve(case, start=answer, time_limit=_most(left, answer), told=told)
        except OutOfTime:
            complete = False
            if answer is not None:
                break
            assert time_limit is not None
            left = time_limit * (1.0 - _FINE_PART)
            grid = variable_grid(scenario, day, daily_days=0, ten_day_days=0)
            case = case_of(scenario, opening, grid, settings, reference)
            answer = solve(case, time_limit=left, told=told)
        first = first or answer
        complete = complete and answer.complete
        left = None if left is None else left - answer.solved.session.seconds
        progress("prove")
        tried, trial = prover.best_of(_variants(scenario, case, answer, before))
        if trial is not None and (best is None or _is_preferred(case, (answer, trial), best)):
            best = answer, trial
        proof = trial or tried
        reached = _reached(case, answer.promise, proof.outcome)
        if reached == case.reached_t:
            break
        expecting = _expecting(scenario, opening, proof.log, day)
        case = replace(case_of(scenario, expecting, grid, settings, reference), reached_t=reached)
    assert answer is not None and first is not None
    _, plain = prover.best_of(_pro_rata(case, before))
    if plain is not None and (best is None or _better(case, plain.outcome, best[1].outcome)):
        best = answer, plain
    order = None
    trial = _Trial((), before, expected)
    if best is not None:
        answer, trial = best[0], prover.without_idle(best[1])
        order = order_of(
            scenario, trial.changes, number=number or draft_number(scenario, day), effective_day=day, reason=""
        )
    progress("promise")
    expecting = _expecting(scenario, opening, trial.log, day)
    around = case_of(scenario, expecting, grid, settings, reference)
    return Replanned(
        scenario=scenario,
        day=day,
        case=answer.program.case,
        answer=answer,
        first=first,
        changes=trial.changes,
        order=order,
        before=before,
        after=trial.outcome,
        promise=_promise_of(around, trial.changes, answer, left),
        log_before=expected,
        log_after=trial.log,
        complete=complete,
    )


def solve(
    case: Case,
    *,
    start: Answer | None = None,
    time_limit: float | None = None,
    told: Callable[[Level], None] = lambda level: None,
) -> Answer:
    """All levels of a case, or those reached within ``time_limit`` seconds; ``told`` hears of each.

    ``start`` is the answer to a case that hardly differs: the same levels are found from there in a fraction of the time.
    Raises as ``solve_levels``.
    """
    with collector_paused():
        program = formulate(case)
        prepare_evenness(program)
        session = Session(program.problem, list(program.rows.values()), time_limit=time_limit)
    if start is not None:
        start_from(session, program, start.program, start.solved)
    solved = solve_levels(program, session, told)
    return Answer(program, solved, in_whole_trains(case, promised(program, solved)))


def _most(left: float | None, answer: Answer | None) -> float | None:
    """The seconds a program may take: the first leaves some for a coarser one."""
    return left if left is None or answer is not None else left * _FINE_PART


def _promise_of(case: Case, changes: tuple[Change, ...], known: Answer, time_limit: float | None) -> Outcome:
    """What the program believes of an order as it stands: every month gets at most what its plan then says.

    The belief of the program that drafted it, where there is no time left to ask.
    """
    most = dict(case.plan_t) | {change.key: change.after_t for change in changes}
    kept = replace(case, reached_t={key: max(tonnes, certain_t(case, *key)) for key, tonnes in most.items()})
    try:
        return solve(kept, start=known, time_limit=time_limit).promise
    except OutOfTime:
        return known.promise


@dataclass(frozen=True, slots=True)
class _Trial:
    """An order as simulated."""

    changes: tuple[Change, ...]
    outcome: Outcome
    log: RunLog


@dataclass(slots=True)
class _Prover:
    """Simulates orders, each once and from ``day`` on; ``before`` is the outcome without any."""

    scenario: Scenario
    case: Case
    day: float
    before: Outcome
    known: dict[tuple[Change, ...], _Trial] = field(default_factory=dict)
    trunk: Trunk | None = None

    def tried(self, changes: tuple[Change, ...]) -> _Trial:
        """The changes as an order in force from ``day`` on, to the byte as ``chainsim run`` will simulate it.

        (Without causes it would take a third less time and differ by kilograms: enough to send other batches down a line and
        to prove another order than the one proposed.)
        """
        if changes not in self.known:
            log = self._run(changes)
            self.known[changes] = _Trial(changes, simulated(self.case, log), log)
        return self.known[changes]

    def _run(self, changes: tuple[Change, ...]) -> RunLog:
        if self.day <= self.scenario.as_of_day:
            return simulate(self._with(changes))
        if self.trunk is None:
            self.trunk = grow(self._with(()), self.day)
        return Branch(self.trunk, ordered=self._with(changes)).finish()

    def _with(self, changes: tuple[Change, ...]) -> Scenario:
        order = order_of(self.scenario, changes, number="trial", effective_day=self.day, reason="")
        return with_order(self.scenario, order)

    def best_of(self, variants: list[tuple[Change, ...]]) -> tuple[_Trial, _Trial | None]:
        """Of some orders the one to learn from, and the one that does best in simulation; ``None`` if none beats no order."""
        best: _Trial | None = None
        trials = [self.tried(variant) for variant in variants]
        for trial in trials:
            allowed = _is_allowed(self.before, trial.outcome)
            if allowed and (best is None or _better(self.case, trial.outcome, best.outcome)):
                best = trial
        if best is None or not best.changes or not _better(self.case, best.outcome, self.before):
            return _least_late(trials), None
        return best, best

    def without_idle(self, best: _Trial) -> _Trial:
        """The same without the changes that help nobody: a planner has to defend every line."""
        late, later = best.outcome.lateness(), self.before.lateness()
        for (customer, way), group in by_customer(best.changes).items():
            without = tuple(c for c in best.changes if c not in group)
            helped = way == "up" and later[customer] - late[customer] > LEAST_CHANGE_T
            if without and not helped:  # an increase that its own customer needs is not idle
                trial = self.tried(without)
                if _is_allowed(self.before, trial.outcome) and _harms_nobody(best.outcome, trial.outcome):
                    best = trial
        return best


def _variants(scenario: Scenario, case: Case, answer: Answer, before: Outcome) -> list[tuple[Change, ...]]:
    """The orders to try, each once.

    The program thinks flows obey; in the field refineries share a bottleneck by their plans. So a cut may be needed to make
    room, or may only take away what could have come: both are tried. Those who prepay get what they can pay for whatever is
    ordered: for them, what they lose is also tried as added to the next month.
    """
    changes = changes_of(case, answer.promise)
    raised = tuple(c for c in changes if c.tonnes > 0)
    paying = {c.name for c in scenario.customers if c.offtake == "cash"}
    # Where runs follow the plan and are cut, planning less cuts them once more.
    held_back = {c.name for c in scenario.customers if c.runs_t_per_day is None and min(case.runs_left[c.name]) < 1.0}
    later = tuple(c for c in pro_rata_changes(case, before, "next_month") if c.customer in paying)
    variants = [
        changes,
        raised,
        tuple(c for c in changes if c.tonnes > 0 or c.customer not in paying),
        tuple(c for c in changes if c.tonnes > 0 or c.customer not in paying | held_back),
    ]
    if later:
        variants += [
            tuple(c for c in raised if c.customer not in paying) + later,
            tuple(c for c in changes if c.customer not in paying) + later,
        ]
    return list(dict.fromkeys(variants))


def _pro_rata(case: Case, before: Outcome) -> list[tuple[Change, ...]]:
    """The plain orders, tried so that none of them does better than what is proposed."""
    return [pro_rata_changes(case, before, "next_month"), pro_rata_changes(case, before, "rest")]


def _least_late(trials: list[_Trial]) -> _Trial:
    return min(trials, key=lambda trial: sum(trial.outcome.lateness().values()))


def _is_allowed(before: Outcome, after: Outcome) -> bool:
    """An order that makes the worst customer worse is not proposed."""
    return min(after.completion().values(), default=1.0) >= min(before.completion().values(), default=1.0) - _SAME


def _harms_nobody(one: Outcome, other: Outcome) -> bool:
    """Whether no customer is later in ``other`` than in ``one``, and no more is shut in."""
    late, later = one.lateness(), other.lateness()
    return other.curtailed_t <= one.curtailed_t + LEAST_CHANGE_T and all(
        later[customer] <= tonnes + LEAST_CHANGE_T for customer, tonnes in late.items()
    )


def _better(case: Case, one: Outcome, other: Outcome) -> bool:
    """Whether ``one`` is better by the levels as simulated: curtailment, lateness by class, the worst customer.

    What differs by less than a hundredth of a month's plan is equal: the next level decides.
    """
    classes = classes_of(case.scenario)
    plan: dict[int, float] = {}
    for (customer, _, _), tonnes in case.plan_t.items():
        plan[classes[customer]] = plan.get(classes[customer], 0.0) + tonnes / len(case.grid.months)
    equal = _EQUAL_PART * sum(plan.values())
    if abs(one.curtailed_t - other.curtailed_t) > equal:
        return one.curtailed_t < other.curtailed_t
    late, later = one.lateness(), other.lateness()
    for priority in sorted(plan):
        own = [customer for customer in late if classes[customer] == priority]
        a, b = sum(late[c] for c in own), sum(later[c] for c in own)
        if abs(a - b) > _EQUAL_PART * plan[priority]:
            return a < b
    return min(one.completion().values(), default=1.0) > min(other.completion().values(), default=1.0) + _SAME


def _is_preferred(case: Case, one: tuple[Answer, _Trial], other: tuple[Answer, _Trial]) -> bool:
    """Whether ``one`` does better in simulation, or as well and comes nearer to its promise."""
    if _better(case, one[1].outcome, other[1].outcome):
        return True
    if _better(case, other[1].outcome, one[1].outcome):
        return False
    return _furthest_off(*one) < _furthest_off(*other)


def _furthest_off(answer: Answer, trial: _Trial) -> float:
    """The largest difference between promised and simulated completion of any customer."""
    promise, proof = answer.promise.completion(), trial.outcome.completion()
    return max((abs(promise[customer] - proof[customer]) for customer in proof), default=0.0)


def _reached(case: Case, promise: Outcome, proof: Outcome) -> dict[MonthKey, float]:
    """Months of which an order's simulation gave less than promised, and what it gave: the next program asks no more of them."""
    out = dict(case.reached_t)
    for key, tonnes in promise.delivered_t.items():
        got = proof.delivered_t.get(key, 0.0)
        if tonnes - got > max(LEAST_CHANGE_T, _EQUAL_PART * case.plan_t[key]):
            out[key] = min(got, out.get(key, got))
    return out


def _expecting(scenario: Scenario, opening: Opening, log: RunLog, day: float) -> Opening:
    """The same state, with the lines' pumping as in ``log``."""
    later = opening_of(scenario, replace(log, end_day=day, trains=()), log)
    return replace(opening, pumped=later.pumped, entered=later.entered)
