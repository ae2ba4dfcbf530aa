"""What a problem says, in English and Chinese: one table of templates for the checks on a scenario.

A template is (message, message in Chinese, accepted, accepted in Chinese); ``{name}`` is filled from the values given to
``problem_from``. The tables of other layers have the same shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

from chainsim.errors import Problem
from chainsim.model.messages_service import SERVICE_TEMPLATES

Template = tuple[str, str, str, str]


def problem_from(
    templates: Mapping[str, Template],
    code: str,
    values: Mapping[str, object],
    *,
    path: str = "",
    found: str = "",
    nearest: str = "",
) -> Problem:
    """The problem ``code`` with its texts filled in from ``values``; ``path`` is the place inside the document."""
    message, message_zh, accepted, accepted_zh = (text.format_map(values) for text in templates[code])
    return Problem(
        code=code,
        message=message,
        message_zh=message_zh,
        accepted=accepted,
        accepted_zh=accepted_zh,
        path=path,
        found=found,
        nearest=nearest,
    )


def nearest_name(name: str, names: Iterable[str]) -> str:
    """The one of ``names`` closest to ``name``, or "" where none is close.

    >>> nearest_name("capcity", ["capacity", "grades"])
    'capacity'
    """
    return _nearest(name[:80], tuple(names))


@lru_cache(maxsize=1024)  # a wrong name in a table is wrong in many rows
def _nearest(name: str, names: tuple[str, ...]) -> str:
    folded = {other.casefold(): other for other in names}
    match = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[match[0]] if match else ""


def name_list(names: Iterable[str], limit: int = 12) -> str:
    """``names`` joined for a message, cut after ``limit``.

    >>> name_list(["a", "b", "c"], limit=2)
    'a, b, …'
    """
    known = list(names)
    return ", ".join(known[:limit]) + (", …" if len(known) > limit else "")


CHECK_TEMPLATES: dict[str, Template] = {
    "unknown_grade": ("there is no grade of this name", "没有这个油种", "{names}", "{names}"),
    "unknown_farm": ("there is no tank farm of this name", "没有这个油库", "{names}", "{names}"),
    "unknown_supplier": ("there is no supplier of this name", "没有这个油源", "{names}", "{names}"),
    "unknown_customer": ("there is no customer of this name", "没有这个客户", "{names}", "{names}"),
    "unknown_destination": (
        "a pipeline leads to a tank farm or a customer, and there is none of this name",
        "管线应通往油库或客户，没有这个名称",
        "{names}",
        "{names}",
    ),
    "unknown_asset": ("there is no asset of this name", "没有这个资产", "{names}", "{names}"),
    "unknown_route": (
        "nothing of this name brings oil to {customer}",
        "没有以此为名、通到 {customer} 的管线或铁路",
        "{names}",
        "{names}",
    ),
    "name_used_twice": (
        "the name stands for a {first} and a {second}; assets share one list of names",
        "名称重复：既是{first_zh}又是{second_zh}；各类资产的名称不得相同",
        "a name of its own",
        "另取一个名称",
    ),
    "bad_name": (
        "a name may not be empty or hold spaces, commas, dots, colons, semicolons, slashes, brackets, = or *",
        "名称不得为空，也不得含空格、逗号、点、冒号、分号、斜杠、括号、= 或 *",
        "letters (Chinese too), digits, - and _",
        "字母、汉字、数字、- 和 _",
    ),
    "not_finite": ("not a finite number", "不是有限数", "a number", "数字"),
    "negative": ("may not be negative", "不得为负", "0 or more", "0 或更大"),
    "not_positive": ("must be more than 0", "必须大于 0", "more than 0", "大于 0"),
    "not_a_share": ("must lie between 0 and 1", "必须在 0 与 1 之间", "0 … 1, or 0% … 100%", "0 … 1 或 0% … 100%"),
    "loss_too_large": (
        "a transport loss above {limit} is almost surely a missing % sign",
        "运输损耗超过 {limit}，多半是漏写了百分号",
        "a fraction such as 0.002, or 0.2%",
        "小数如 0.002，或 0.2%",
    ),
    "density_out_of_range": (
        "no crude has this density",
        "原油没有这样的密度",
        "kg/m³, between 600 and 1200",
        "kg/m³，600 至 1200 之间",
    ),
    "coordinates_out_of_range": ("not a place on earth", "不是地球上的位置", "[latitude, longitude]", "[纬度, 经度]"),
    "horizon_empty": (
        "the horizon ends at or before its start",
        "结束日不晚于开始日",
        "a day after {start}",
        "晚于 {start} 的日期",
    ),
    "horizon_too_long": (
        "the horizon is longer than {years} years",
        "时段超过 {years} 年",
        "up to {years} years",
        "不超过 {years} 年",
    ),
    "as_of_outside": (
        "the as-of date lies outside the horizon",
        "截止日不在时段之内",
        "from {start} to before {end}",
        "{start} 起，{end} 之前",
    ),
    "as_of_without_stocks": (
        "the run begins at the as-of date, but {asset} has no row in actual_stocks",
        "从截止日开始推演，但 actual_stocks 中没有 {asset} 的库存",
        "a row for each tank farm and customer (0 if empty)",
        "每个油库和客户各一行（空罐写 0）",
    ),
    "actual_after_as_of": (
        "an actual lies at or after the as-of date, or before the start",
        "实绩不在开始日与截止日之间",
        "from {start} to before {end}",
        "{start} 起，{end} 之前",
    ),
    "opening_above_safe_fill": (
        "the opening stock is more than the safe fill {limit} t",
        "期初库存超过安全库容 {limit} 吨",
        "at most {limit} t",
        "不超过 {limit} 吨",
    ),
    "opening_below_heel": (
        "the opening stock is less than the heel {limit} t, which cannot be pumped out",
        "期初库存低于底油 {limit} 吨，而底油是抽不出的",
        "at least {limit} t (the heel is part of the opening stock)",
        "不低于 {limit} 吨（期初库存包括底油）",
    ),
    "heel_above_safe_fill": (
        "the heel is more than the safe fill {limit} t",
        "底油超过安全库容 {limit} 吨",
        "less than {limit} t",
        "少于 {limit} 吨",
    ),
    "own_limit_missing": (
        "storage is own, but {grade} has no safe fill of its own",
        "各油种分罐储存，但 {grade} 没有自己的安全库容",
        "grade_safe_fill with every grade that comes here",
        "grade_safe_fill 中列出到此的每个油种",
    ),
    "stock_in_junction": (
        "a junction has no tanks and can hold nothing",
        "分输点没有油罐，不能存油",
        "no opening stock and no heel; or another storage",
        "不写期初库存和底油；或改用其他 storage",
    ),
    "contents_sum": (
        "the contents add up to {total} t, but the line fill is {limit} t",
        "管存各段合计 {total} 吨，而管道填充量为 {limit} 吨",
        "amounts that add up to the line fill",
        "合计等于管道填充量",
    ),
    "contents_grade": (
        "the line holds {grade}, which is not among its grades",
        "管内有 {grade}，而它不在该管线的油种之内",
        "{names}",
        "{names}",
    ),
    "minimum_above_capacity": (
        "the minimum safe throughput is more than the capacity {limit} t/d",
        "最低安全输量超过管线能力 {limit} 吨/日",
        "at most {limit} t/d",
        "不超过 {limit} 吨/日",
    ),
    "line_to_itself": ("the line leads back to where it begins", "管线的终点就是起点", "another place", "另一处"),
    "line_from_a_blend": (
        "the farm {farm} is blended, so this line cannot take its grades one at a time",
        "{farm} 为掺混油库，该管线不能从中按单一油种取油",
        "mode: blend, or a farm that keeps its grades apart",
        "mode: blend，或改用分储的油库",
    ),
    "rail_from_a_blend": (
        "the farm {farm} is blended, so trains of one grade cannot be loaded from it",
        "{farm} 为掺混油库，不能从中装单一油种的列车",
        "a farm that keeps its grades apart",
        "分储的油库",
    ),
    "batch_larger_than_plan": (
        "the minimum batch is more than the tanks at the line's start can hold ({limit} t)",
        "最小批量超过首站库容（{limit} 吨）",
        "at most {limit} t",
        "不超过 {limit} 吨",
    ),
    "no_grade_reaches": (
        "no grade can reach this line from any supplier or opening stock",
        "没有任何油种能从油源或期初库存到达这条管线",
        "grades: [...], or a line that feeds {farm}",
        "写明 grades，或有管线供给 {farm}",
    ),
    "push_cycle": (
        "lines that push all they can form a circle: {cycle}; oil would go round for ever",
        "尽量外输的管线成环：{cycle}；油将无休止循环",
        "dispatch: plan on at least one of them",
        "其中至少一条写 dispatch: plan",
    ),
    "junction_cycle": (
        "junctions without tanks form a circle: {cycle}; the flows have no solution",
        "无罐的分输点成环：{cycle}；流量无解",
        "tanks (storage: shared) at one of them",
        "其中至少一处有油罐（storage: shared）",
    ),
    "cycle_not_longer_than_transit": (
        "the wagons would be back before the train arrives ({limit} d)",
        "车皮周转时间不长于在途时间（{limit} 天）",
        "more than {limit} days: travel, unloading and return",
        "大于 {limit} 天：去程、卸车、回空",
    ),
    "train_larger_than_tanks": (
        "a full train is {train} t, more than the working room of {asset} ({limit} t)",
        "一列车 {train} 吨，超过 {asset} 的可动库容（{limit} 吨）",
        "a shorter train or larger tanks",
        "缩短编组或增加库容",
    ),
    "too_few_wagons": (
        "the fleet is smaller than one train ({limit} wagons)",
        "车皮总数不足一列（{limit} 辆）",
        "at least {limit}",
        "至少 {limit}",
    ),
    "no_routes": (
        "a railway needs at least one route",
        "铁路至少要有一条去向",
        "routes: {{customer: …}}",
        "routes: {{客户: …}}",
    ),
    "route_twice": ("the customer has two routes on this railway", "该客户在这条铁路上有两条去向", "one route", "一条"),
    "slate_sum": (
        "the shares of the slate add up to {total}",
        "加工品种比例合计为 {total}",
        "shares that add up to 1 (100%)",
        "合计为 1（100%）",
    ),
    "not_accepted": (
        "{customer} does not accept {grade}",
        "{customer} 不接收 {grade}",
        "{names}",
        "{names}",
    ),
    "no_route_brings": (
        "no route can bring {grade} to {customer}",
        "没有通路能把 {grade} 送到 {customer}",
        "{names}",
        "{names}",
    ),
    "via_does_not_bring": (
        "{via} cannot bring {grade} to {customer}",
        "{via} 不能把 {grade} 送到 {customer}",
        "{names}",
        "{names}",
    ),
    "period_not_calendar": (
        "the line does not cover a whole calendar period of its level",
        "该行不是完整的日历时段",
        "a whole year, quarter, month or ten-day period",
        "整年、整季、整月或整旬",
    ),
    "period_outside": (
        "the period lies outside the horizon",
        "该时段在推演时段之外",
        "between {start} and {end}",
        "{start} 至 {end} 之间",
    ),
    "plan_line_twice": (
        "the same {what} for the same period is stated twice",
        "同一{what_zh}同一时段写了两次",
        "one row",
        "一行",
    ),
    "plan_does_not_reconcile": (
        "the finer lines add up to {total} t, but this {level} says {limit} t",
        "下级计划合计 {total} 吨，与本{level_zh}计划 {limit} 吨不符",
        "{limit} t in all; or leave out one of the levels",
        "合计 {limit} 吨；或去掉其中一级",
    ),
    "plan_children_exceed": (
        "the finer lines already add up to {total} t, more than the {limit} t of this {level}",
        "下级计划已合计 {total} 吨，超过本{level_zh}计划 {limit} 吨",
        "at most {limit} t",
        "不超过 {limit} 吨",
    ),
    "order_number_twice": (
        "two orders have the number {number}",
        "两份调整令编号同为 {number}",
        "a number of its own",
        "另编一号",
    ),
    "order_before_issue": (
        "the order takes effect before it is issued ({issued})",
        "调整令在签发（{issued}）之前生效",
        "a moment on or after {issued}",
        "{issued} 或以后",
    ),
    "order_empty": ("the order changes nothing", "调整令没有任何调整行", "at least one line", "至少一行"),
    "orders_clash": (
        "orders {first} and {second} take effect at the same moment and both change {customer}, {grade}, {start}",
        "调整令 {first} 与 {second} 同时生效，且都调整 {customer}、{grade}、{start}",
        "one order for the line, or different moments",
        "同一行只由一份调整令调整，或生效时间不同",
    ),
    "order_line_twice": (
        "the order changes the same line twice",
        "同一调整令内同一行调整了两次",
        "one line",
        "一行",
    ),
    "price_twice": (
        "the grade has two prices from the same day",
        "同一油种同一天有两个价格",
        "one price",
        "一个价格",
    ),
    "price_missing": (
        "{customer} pays cash for {grade}, which has no price on {day}",
        "{customer} 以现款购 {grade}，但 {day} 没有价格",
        "a price from {day} or before",
        "{day} 或以前的价格",
    ),
    "disruption_empty": (
        "the disruption ends at or before its beginning",
        "停运结束不晚于开始",
        "a moment after {start}",
        "晚于 {start}",
    ),
    "disruption_outside": (
        "the disruption lies outside the horizon",
        "停运时段在推演时段之外",
        "between {start} and {end}",
        "{start} 至 {end} 之间",
    ),
    "cause_for_customer": (
        "a disruption of a customer is of its runs or of its cash",
        "客户侧的停运只能是加工或资金原因",
        "customer_runs, customer_cash",
        "customer_runs、customer_cash",
    ),
    "cause_not_for_asset": (
        "this cause belongs to a customer, and {asset} is none",
        "该原因只用于客户，而 {asset} 不是客户",
        "pipeline, railway, loading, source, tank, quality",
        "pipeline、railway、loading、source、tank、quality",
    ),
    "distribution_parameters": (
        "the parameters of the {kind} distribution are out of range",
        "{kind} 分布的参数超出范围",
        "{accepted}",
        "{accepted}",
    ),
    "actual_twice": (
        "the same actual is stated twice",
        "同一实绩写了两次",
        "one row",
        "一行",
    ),
    "nothing_to_simulate": (
        "the scenario has no {what}",
        "没有{what_zh}",
        "at least one",
        "至少一个",
    ),
    **SERVICE_TEMPLATES,
}
