"""The texts of what cannot be and of what capacity is worth; part of ``chainsim.texts``, once, in English and Chinese."""

from __future__ import annotations

LIMIT_TEXTS: dict[str, tuple[str, str]] = {
    # --- chainsim optimize --prices, --reach
    "help.optimize.prices": (
        "Tell what one more unit of each asset's capacity is worth.",
        "列出各设施增加一个单位能力的价值。",
    ),
    "help.optimize.reach": (
        "Find the least change that brings a customer to a completion, e.g. yumen=98%, and what it costs the others.",
        "求使某客户达到某完成率（如 yumen=98%）的最小变动，以及其他客户的代价。",
    ),
    "ask.completion": ("no customer and completion", "不是“客户=完成率”"),
    "stage.answer": ("answering", "求解所问"),
    "title.prices": ("What one more unit of capacity is worth", "增加一个单位能力的价值"),
    "title.reached": ("{customer} to {target:.1%}: the least change, t", "{customer}达到 {target:.1%} 的最小变动，t"),
    "title.short": ("What cannot be delivered", "无法完成的部分"),
    "column.more": ("One more", "增加"),
    "column.worth_t": ("Completion, t", "完成量，t"),
    "column.worth_t_months": ("Lateness, t·month", "滞后量，t·月"),
    "column.solved_again": ("Solved again", "复算"),
    "column.comes": ("Comes", "原可完成"),
    "column.then": ("Then", "变动后"),
    "prices.none": ("No capacity binds: more of any is worth nothing.", "没有能力起限制作用，增加能力无益。"),
    "reached.already": (
        "{customer} comes to {completion:.1%} without any change.",
        "{customer}无需变动即可达到 {completion:.1%}。",
    ),
    "reached.from": (
        "{customer}: completion {before:.1%} → {after:.1%} as the optimizer believes",
        "{customer}：完成率 {before:.1%} → {after:.1%}（优化器的估计）",
    ),
    "reached.costs": ("It costs: {parts}", "代价：{parts}"),
    "reached.costs_nobody": ("It costs nobody else anything at the end.", "期末不影响其他客户。"),
    "reached.less": ("{customer} {tonnes:,.0f} t less", "{customer}少 {tonnes:,.0f} t"),
    # --- what is planned beyond a limit: month, rate, crude, place
    "beyond.capacity": (
        "{month}: {wanted} of {grades} planned through {asset}, the line carries {possible}",
        "{month}：{asset}计划输{grades} {wanted}，输油能力 {possible}",
    ),
    "beyond.rack": (
        "{month}: {wanted} of {grades} planned beyond {place}, rack carries {possible}",
        "{month}：{place}以远计划{grades} {wanted}，装车能力 {possible}",
    ),
    "beyond.paths": (
        "{month}: {wanted} of {grades} planned beyond {place}, train paths carry {possible}",
        "{month}：{place}以远计划{grades} {wanted}，运行线可运 {possible}",
    ),
    "beyond.wagons": (
        "{month}: {wanted} of {grades} planned beyond {place}, wagons carry {possible}",
        "{month}：{place}以远计划{grades} {wanted}，车皮可运 {possible}",
    ),
    "beyond.supply": (
        "{month}: {wanted} of {grades} planned, fields give {possible}",
        "{month}：计划{grades} {wanted}，油源 {possible}",
    ),
    "beyond.runs": (
        "{month}: {wanted} of {grades} planned for {asset}, its runs take {possible}",
        "{month}：{asset}计划{grades} {wanted}，加工量 {possible}",
    ),
    "beyond.cash": (
        "{month}: {wanted} of {grades} planned for {asset}, its income pays for {possible}",
        "{month}：{asset}计划{grades} {wanted}，收入可付 {possible}",
    ),
    "beyond.together": (
        "{month}: {wanted} of {grades} planned, all ways together carry {possible}; held back by {asset}",
        "{month}：计划{grades} {wanted}，各路合计可运 {possible}，受限于{asset}",
    ),
    # --- what of a plan cannot be delivered, though the best is done
    "short.late": (
        "{month}: {wanted} of {grades} planned for {customers}, {possible} can come: {limit}",
        "{month}：{customers}计划{grades} {wanted}，可到 {possible}：{limit}",
    ),
    "short.unknown": (
        "{month}: {wanted} of {grades} planned for {customers}, {possible} can come",
        "{month}：{customers}计划{grades} {wanted}，可到 {possible}",
    ),
    "short.shut_in": (
        "{month}: {asset} can give {wanted} of {grades}, {possible} can be taken",
        "{month}：{asset}可供{grades} {wanted}，可接 {possible}",
    ),
    "short.overfilled": (
        "{month}: {wanted} must lie in {asset}, safe fill is {possible}",
        "{month}：{asset}须存 {wanted}，安全库容 {possible}",
    ),
    "short.below_minimum": (
        "{month}: {asset} needs {wanted} to run safely, {possible} can be pumped",
        "{month}：{asset}最低安全输量 {wanted}，可输 {possible}",
    ),
    # --- what lets no plan exist
    "cannot.cash": (
        "{month}: the account of {asset} stands at {possible} million yuan, and it cannot be below 0",
        "{month}：{asset}账户余额 {possible} 百万元，不得低于 0",
    ),
    "cannot.junction": (
        "{month}: {wanted} of {grades} lie in {asset}, which has no tanks; {possible} can leave",
        "{month}：{asset}无储罐，内有{grades} {wanted}，可外输 {possible}",
    ),
    "cannot.target": (
        "{month}: {asset} cannot come to {wanted} of its plan; {possible} at most{limits}",
        "{month}：{asset}完成率达不到 {wanted}，最多 {possible}{limits}",
    ),
    "cannot.held_back": ("; held back by: {limits}", "；受限于：{limits}"),
    "cannot.would_take": ("; it would take {extra}", "；需增加：{extra}"),
    # --- units and names
    "quantity.crude": ("crude", "原油"),
    "quantity.and_more": ("{names} and {count} more", "{names}等 {count} 家"),
    "quantity.kt_d": ("kt/d", "千吨/日"),
    "quantity.t_d": ("t/d", "吨/日"),
    "quantity.kt": ("kt", "千吨"),
    "quantity.t": ("t", "吨"),
    # --- what capacity is worth
    "worth.capacity": ("{amount} of capacity of {asset}", "{asset}输油能力 {amount}"),
    "worth.minimum": ("{amount} less minimum throughput of {asset}", "{asset}最低安全输量减 {amount}"),
    "worth.rack": ("{amount} at the loading rack of {asset}", "{asset}栈桥 {amount}"),
    "worth.paths": ("{amount} of {asset}", "{asset}运行线 {amount}"),
    "worth.wagons": ("{amount} of {asset}", "{asset}车皮 {amount}"),
    "worth.route": ("{amount} on the route {asset}", "{asset}线路 {amount}"),
    "worth.safe_fill": ("{amount} of tanks of {asset}", "{asset}库容 {amount}"),
    "worth.runs": ("{amount} of crude runs of {asset}", "{asset}加工量 {amount}"),
    "worth.cash": ("{amount} of income of {asset}", "{asset}收入 {amount}"),
    "worth.supply": ("{amount} of supply from {asset}", "{asset}油源 {amount}"),
    "worth.of_grade": ("{what} ({grade})", "{what}（限{grade}）"),
    "worth.t/d": ("{amount:,.4g} t/d", "{amount:,.4g} 吨/日"),
    "worth.spot": ("{amount:,.4g} spot(s)", "{amount:,.4g} 个鹤位"),
    "worth.path/d": ("{amount:,.4g} path(s) a day", "每日 {amount:,.4g} 条"),
    "worth.train set": ("{amount:,.4g} train set(s)", "{amount:,.4g} 列"),
    "worth.kt": ("{amount:,.4g} kt", "{amount:,.4g} 千吨"),
    "worth.10⁴ yuan/d": ("{amount:,.4g} × 10⁴ yuan a day", "每日 {amount:,.4g} 万元"),
    "worth.one": (
        "{month}: {what} more is worth {tonnes:,.0f} t of completion and {t_months:,.0f} t·month of lateness",
        "{month}：增加{what}，完成量增 {tonnes:,.0f} t，滞后量减 {t_months:,.0f} t·月",
    ),
    "worth.verified": (
        "{sentence} (solved again: {tonnes:,.0f} t, {t_months:,.0f} t·month)",
        "{sentence}（复算：{tonnes:,.0f} t、{t_months:,.0f} t·月）",
    ),
}
"""Key → (English, Chinese)."""
