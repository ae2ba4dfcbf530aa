"""The texts of what cannot be and of what capacity is worth; part of ``chainsim.texts``, once, in English and Chinese."""

from __future__ import annotations

LIMIT_TEXTS: dict[str, tuple[str, str]] = {
    # --- what is planned beyond a limit: month, rate, crude, place
    "beyond.capacity": (
        "{month}: {wanted} {unit} of {grades} planned through {asset}, the line carries {possible}",
        "{month}:{asset}计划输{grades} {wanted} {unit},输油能力 {possible} {unit}",
    ),
    "beyond.rack": (
        "{month}: {wanted} {unit} of {grades} planned beyond {place}, rack carries {possible}",
        "{month}:{place}以远计划{grades} {wanted} {unit},装车能力 {possible} {unit}",
    ),
    "beyond.paths": (
        "{month}: {wanted} {unit} of {grades} planned beyond {place}, train paths carry {possible}",
        "{month}:{place}以远计划{grades} {wanted} {unit},运行线可运 {possible} {unit}",
    ),
    "beyond.wagons": (
        "{month}: {wanted} {unit} of {grades} planned beyond {place}, wagons carry {possible}",
        "{month}:{place}以远计划{grades} {wanted} {unit},车皮可运 {possible} {unit}",
    ),
    "beyond.supply": (
        "{month}: {wanted} {unit} of {grades} planned, fields give {possible}",
        "{month}:计划{grades} {wanted} {unit},油源 {possible} {unit}",
    ),
    "beyond.runs": (
        "{month}: {wanted} {unit} of {grades} planned for {asset}, its runs take {possible}",
        "{month}:{asset}计划{grades} {wanted} {unit},加工量 {possible} {unit}",
    ),
    "beyond.cash": (
        "{month}: {wanted} {unit} of {grades} planned for {asset}, its income pays for {possible}",
        "{month}:{asset}计划{grades} {wanted} {unit},收入可付 {possible} {unit}",
    ),
    "beyond.together": (
        "{month}: {wanted} {unit} of {grades} planned, all ways together carry {possible}; held back by {asset}",
        "{month}:计划{grades} {wanted} {unit},各路合计可运 {possible} {unit},受限于{asset}",
    ),
    # --- what of a plan cannot be delivered, though the best is done
    "short.late": (
        "{month}: {wanted} {unit} of {grades} planned for {customers}, {possible} can come: {limit}",
        "{month}:{customers}计划{grades} {wanted} {unit},可到 {possible} {unit}:{limit}",
    ),
    "short.unknown": (
        "{month}: {wanted} {unit} of {grades} planned for {customers}, {possible} can come",
        "{month}:{customers}计划{grades} {wanted} {unit},可到 {possible} {unit}",
    ),
    "short.shut_in": (
        "{month}: {asset} can give {wanted} {unit} of {grades}, {possible} can be taken",
        "{month}:{asset}可供{grades} {wanted} {unit},可接 {possible} {unit}",
    ),
    "short.overfilled": (
        "{month}: {wanted} {unit} must lie in {asset}, safe fill is {possible}",
        "{month}:{asset}须存 {wanted} {unit},安全库容 {possible} {unit}",
    ),
    "short.below_minimum": (
        "{month}: {asset} needs {wanted} {unit} to run safely, {possible} can be pumped",
        "{month}:{asset}最低安全输量 {wanted} {unit},可输 {possible} {unit}",
    ),
    # --- what lets no plan exist
    "cannot.cash": (
        "{month}: the account of {asset} stands at {possible} million yuan, and it cannot be below 0",
        "{month}:{asset}账户余额 {possible} 百万元,不得低于 0",
    ),
    "cannot.junction": (
        "{month}: {wanted} {unit} of {grades} lie in {asset}, which has no tanks; {possible} can leave",
        "{month}:{asset}无储罐,内有{grades} {wanted} {unit},可外输 {possible} {unit}",
    ),
    "cannot.advance": (
        "{month}: {asset} has {wanted} {unit} of {grades} already, plan and over-lift band allow {possible}",
        "{month}:{asset}已完成{grades} {wanted} {unit},计划及超前限额为 {possible} {unit}",
    ),
    "cannot.frozen": (
        "{month}: {asset} has {wanted} {unit} of {grades} already, and its plan of {possible} may not change",
        "{month}:{asset}已完成{grades} {wanted} {unit},计划 {possible} {unit} 不得变动",
    ),
    "cannot.target": (
        "{month}: {asset} cannot come to {wanted} of its plan; {possible} at most{limits}",
        "{month}:{asset}完成率达不到 {wanted},最多 {possible}{limits}",
    ),
    "cannot.held_back": ("; held back by: {limits}", ";受限于:{limits}"),
    "cannot.would_take": ("; it would take {extra}", ";需增加:{extra}"),
    # --- units
    "unit.kt_d": ("kt/d", "千吨/日"),
    "unit.t_d": ("t/d", "吨/日"),
    "unit.kt": ("kt", "千吨"),
    "unit.t": ("t", "吨"),
    # --- what capacity is worth
    "worth.capacity": ("{amount} of capacity of {asset}", "{asset}输油能力 {amount}"),
    "worth.minimum": ("{amount} less minimum throughput of {asset}", "{asset}最低安全输量减 {amount}"),
    "worth.rack": ("{amount} at the loading rack of {asset}", "{asset}栈桥 {amount}"),
    "worth.paths": ("{amount} of {asset}", "{asset}运行线 {amount}"),
    "worth.wagons": ("{amount} of {asset}", "{asset}车皮 {amount}"),
    "worth.route": ("{amount} on the route {asset}", "{asset} {amount}"),
    "worth.safe_fill": ("{amount} of tanks of {asset}", "{asset}库容 {amount}"),
    "worth.runs": ("{amount} of crude runs of {asset}", "{asset}加工量 {amount}"),
    "worth.cash": ("{amount} of income of {asset}", "{asset}收入 {amount}"),
    "worth.supply": ("{amount} of supply from {asset}", "{asset}油源 {amount}"),
    "worth.of_grade": ("{what} ({grade})", "{what}({grade})"),
    "worth.t/d": ("{amount:,.4g} t/d", "{amount:,.4g} 吨/日"),
    "worth.spot": ("{amount:,.4g} spots", "{amount:,.4g} 个鹤位"),
    "worth.path/d": ("{amount:,.4g} paths a day", "每日 {amount:,.4g} 条"),
    "worth.train set": ("{amount:,.4g} train sets", "{amount:,.4g} 列"),
    "worth.kt": ("{amount:,.4g} kt", "{amount:,.4g} 千吨"),
    "worth.10⁴ yuan/d": ("{amount:,.4g} × 10⁴ yuan a day", "每日 {amount:,.4g} 万元"),
    "worth.one": (
        "{month}: {what} more is worth {tonnes:,.0f} t of completion and {t_months:,.0f} t·month of lateness",
        "{month}:增加{what},完成量增 {tonnes:,.0f} t,滞后量减 {t_months:,.0f} t·月",
    ),
    "worth.verified": (
        "{sentence} (solved again: {tonnes:,.0f} t, {t_months:,.0f} t·month)",
        "{sentence}(复算:{tonnes:,.0f} t、{t_months:,.0f} t·月)",
    ),
    "worth.extra": ("{month}: {what}", "{month}{what}"),
}
"""Key → (English, Chinese)."""
