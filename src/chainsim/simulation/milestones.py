"""When a stock next meets something that matters: a heel, a limit, a level that somebody waits for."""

from __future__ import annotations

from chainsim.simulation.blends import drift_day
from chainsim.simulation.rates import INFINITY, RATE_TOLERANCE_T_PER_DAY, STOCK_TOLERANCE_T, Cell, Tank


def cell_day(cell: Cell, day: float) -> float:
    """When this stock next meets its heel, its own limit, or a level someone waits for."""
    net = cell.net
    level = cell.level + net * (day - cell.since)
    soonest = INFINITY
    if net < 0.0:
        if cell.tank.storage != "blended":
            if not cell.dry.active:
                soonest = day + max(0.0, level - cell.heel) / -net
        elif level > 0.0:
            soonest = day + level / -net
    elif net > 0.0:
        if cell.full.tank is None and not cell.full.active:
            soonest = day + max(0.0, cell.limit - level) / net
        for wanted in cell.watch_up.values():
            if level < wanted - STOCK_TOLERANCE_T:
                soonest = min(soonest, day + (wanted - level) / net)
    if net < 0.0 and cell.tank.watch_down and cell.full.tank is None:
        for wanted in cell.tank.watch_down.values():
            if level > wanted + STOCK_TOLERANCE_T:
                soonest = min(soonest, day + (level - wanted) / -net)
    return soonest


def tank_day(tank: Tank, day: float) -> float:
    """When this tank as a whole is next full or (blended) at its heel, has room for a train, or has drifted."""
    if tank.full is None and tank.dry is None:
        return INFINITY
    net = level = 0.0
    for cell in tank.cells:
        net += cell.net
        level += cell.level + cell.net * (day - cell.since)
    soonest = INFINITY
    if -RATE_TOLERANCE_T_PER_DAY <= net <= RATE_TOLERANCE_T_PER_DAY and tank.storage != "blended":
        return INFINITY
    if net > RATE_TOLERANCE_T_PER_DAY and tank.full is not None and not tank.full.active:
        soonest = day + max(0.0, tank.limit - level) / net
    elif net < -RATE_TOLERANCE_T_PER_DAY:
        if tank.dry is not None and not tank.dry.active:
            soonest = day + max(0.0, level - tank.heel) / -net
        for wanted in tank.watch_down.values():
            if level > wanted + STOCK_TOLERANCE_T:
                soonest = min(soonest, day + (level - wanted) / -net)
    if tank.storage == "blended" and level > STOCK_TOLERANCE_T:
        soonest = min(soonest, drift_day(tank, day, level, net))
    return soonest
