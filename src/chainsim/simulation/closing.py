"""Monthly accounts: taken over from the actuals at the start, closed at each month's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainsim.model.plan import months_of
from chainsim.records import AccountRecord
from chainsim.simulation.accounts import AHEAD
from chainsim.simulation.rail import month_end_causes
from chainsim.simulation.timetable import Timetable, month_totals

if TYPE_CHECKING:
    from chainsim.simulation.engine import Engine


def take_over_actuals(engine: Engine, plan: Timetable) -> None:
    """Accounts of months before the as-of date, and of the part of its month that is past."""
    scenario = engine.scenario
    if scenario.as_of_day <= 0:
        return
    months = months_of(scenario)
    month_of = {m: i for i, (_, _, m) in enumerate(months)}
    real: dict[tuple[str, str, int], float] = {}
    for delivery in scenario.actual_deliveries:
        day = scenario.calendar_date(delivery.day)
        month = month_of.get(day.replace(day=1))
        if month is not None and delivery.day < scenario.as_of_day:
            key = (delivery.customer, delivery.grade, month)
            real[key] = real.get(key, 0.0) + delivery.tonnes
    now_month = plan.stretches[0].month
    known = month_totals(scenario, now_month)
    for (customer, grade), account in engine.accounts.items():
        for month in range(now_month):
            done = real.get((customer, grade, month), 0.0)
            planned = known.get((customer, grade, month), 0.0)
            short = max(0.0, planned - done)
            engine.account_records.append(
                AccountRecord(
                    customer=customer,
                    grade=grade,
                    month=month,
                    start_day=months[month][0],
                    end_day=months[month][1],
                    plan_t=planned,
                    original_t=plan.original.get((customer, grade, month), 0.0),
                    loaded_t=done,
                    arrived_t=done,
                    delivered_t=done,
                    actual_t=done,
                    causes=((("before_as_of", customer), short),) if short > 0 else (),
                )
            )
        done = real.get((customer, grade, now_month), 0.0)
        account.due = plan.due_before.get((customer, grade), 0.0)
        account.served = account.loaded = account.arrived = account.actual = done
        gap = account.due - done
        if gap > 0.0:
            account.books["before_as_of", customer] = gap
        elif gap < 0.0:
            account.books[AHEAD] = gap


def close(engine: Engine, month: int) -> list[AccountRecord]:
    """Close the month's accounts (already posted to now) and open the next."""
    lanes = {(lane.customer.name, lane.grade): lane for rail in engine.rails for lane in rail.lanes}
    start, end = engine.timetable.months[month]
    out = []
    for key, account in engine.accounts.items():
        causes = account.causes()
        lane = lanes.get(key)
        if lane is not None:
            causes = month_end_causes(lane, causes)
        out.append(
            AccountRecord(
                customer=key[0],
                grade=key[1],
                month=month,
                start_day=start,
                end_day=end,
                plan_t=account.due,
                original_t=engine.timetable.original.get((*key, month), 0.0),
                loaded_t=account.loaded,
                arrived_t=account.arrived,
                delivered_t=account.served,
                actual_t=account.actual,
                causes=causes,
            )
        )
        account.open()
    return out
