"""The tables about plans and customers, declared; ``TABLES`` holds these and those of the other catalogues."""

from __future__ import annotations

from chainsim.records import CAUSES
from chainsim.results.catalogue_difference import FIGURE_TABLES
from chainsim.results.catalogue_limits import ALL, CLASSES_OR_ALL, LIMIT_TABLES
from chainsim.results.catalogue_network import (
    CUSTOMER,
    DAY,
    GRADE,
    MONTH,
    NETWORK_TABLES,
    tonnes,
)
from chainsim.results.catalogue_places import NETWORK
from chainsim.results.catalogue_service import ATTRIBUTE_COLUMNS, SERVICE_TABLES
from chainsim.results.declarations import Column, Table

CLASSES: dict[str, tuple[str, str]] = {name: texts for name, texts in CLASSES_OR_ALL.items() if name != ALL}
POINTS: dict[str, tuple[str, str]] = {"loading": ("loading", "装车（出站）"), "arrival": ("arrival", "到厂")}
OFFTAKES: dict[str, tuple[str, str]] = {"plan": ("by plan", "按计划"), "cash": ("by cash", "先款后货")}
BANDS: dict[str, tuple[str, str]] = {
    "green": ("on plan", "正常"),
    "watch": ("watch", "关注"),
    "low": ("low", "偏低"),
    "severe": ("severe", "严重偏低"),
    "over_lift": ("over-lift", "超量"),
    "unplanned": ("unplanned", "计划外"),
    "no_plan": ("no plan", "无计划"),
}
LEVEL_TEXTS: dict[str, tuple[str, str]] = {
    "annual": ("annual", "年度"),
    "quarter": ("quarter", "季度"),
    "month": ("month", "月度"),
    "ten_day": ("ten-day", "旬"),
}
ORDER_STATES: dict[str, tuple[str, str]] = {
    "draft": ("draft", "草稿"),
    "approved": ("approved", "已批准"),
    "applied": ("applied", "已执行"),
}

_CLASS = Column(
    "customer_class", "name", "", "Class", "类别", "The customer's class", "客户类别", domain="class", values=CLASSES
)
_POINT = Column(
    "counted_at", "name", "", "Counted at", "计量点", "Where the plan counts a tonne", "计划量的计量地点",
    domain="point", values=POINTS,
)  # fmt: skip
_BAND = Column(
    "band", "name", "", "Band", "等级", "The completion's tolerance band", "完成率所在等级",
    domain="band", values=BANDS,
)  # fmt: skip


def _ratio(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "number", "1", header_en, header_zh, meaning_en, meaning_zh)


def _yuan(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "number", "yuan", header_en, header_zh, meaning_en, meaning_zh)


def _text(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "text", "", header_en, header_zh, meaning_en, meaning_zh)


_BOOKS: tuple[Column, ...] = (
    tonnes("plan_t", "Plan", "计划量", "Plan in force at the month's end", "月末执行中的计划量"),
    tonnes("original_plan_t", "Original plan", "原计划量", "Plan before any adjustment order", "调整令之前的计划量"),
    tonnes("loaded_t", "Loaded", "发运量", "Tonnes loaded for the customer", "已发运量"),
    tonnes("arrived_t", "Arrived", "到厂量", "Tonnes arrived at the customer", "已到厂量"),
    tonnes("delivered_t", "Delivered", "完成量", "Tonnes counted against the plan", "计入计划完成的数量"),
    tonnes(
        "actual_t", "Actual", "实绩量", "Part of delivered_t that is an actual from before the as-of date",
        "完成量中截止日前的实绩",
    ),
    tonnes("shortfall_t", "Shortfall", "欠量", "Plan less delivered, where positive", "计划量减完成量（正值）"),
    tonnes(
        "over_lift_t", "Over-lift", "超量", "Delivered less plan, where both are positive", "超出计划的完成量（有计划时）"
    ),
    tonnes("unplanned_t", "Unplanned", "计划外", "Delivered where the plan is zero", "计划为零时的完成量"),
)  # fmt: skip

_RATIOS: tuple[Column, ...] = (
    _ratio("completion", "Completion", "完成率", "Delivered over plan; null without a plan", "完成量/计划量；无计划为空"),
    _ratio(
        "completion_original", "Completion of original", "原计划完成率", "Delivered over the original plan",
        "完成量/原计划量",
    ),
    tonnes(
        "cumulative_plan_t", "Cumulative plan", "累计计划", "Plan since the calendar year's first month",
        "本年初以来的计划量",
    ),
    tonnes(
        "cumulative_delivered_t", "Cumulative delivered", "累计完成", "Delivered since the calendar year's first month",
        "本年初以来的完成量",
    ),
    _ratio(
        "cumulative_completion", "Cumulative completion", "累计完成率", "Cumulative delivered over cumulative plan",
        "累计完成量/累计计划量",
    ),
    _ratio(
        "pace_worst", "Worst pace", "最差进度差",
        "Lowest completion to date less time progress, at the ends of the month's days after the 10th",
        "本月10日以后各日末完成率与时间进度之差的最低值",
    ),
    Column(
        "pace_worst_on", "date", "", "Worst pace on", "最差进度日", "The day of pace_worst", "最差进度差所在日",
    ),
    _ratio(
        "evenness", "Evenness", "均衡率",
        "1 − Σ|delivered − plan| / (2 Σ plan) over the ten-day periods", "1−Σ|完成−计划|/（2Σ计划），按旬计",
    ),
    _ratio(
        "measured_share", "Measured share", "计量占比",
        "Share of the month's actuals that were measured; below 0.9 the completion is provisional; null without actuals",
        "当月实绩中计量数据占比，低于0.9为暂估；无实绩为空",
    ),
    _BAND,
)  # fmt: skip

_COMPLETION = Table(
    "completion", "Completion by grade", "分品种计划完成", "One customer, grade and month against its plan",
    "每客户、品种、月份的计划完成情况",
    (MONTH, CUSTOMER, GRADE, _CLASS, *_BOOKS, _POINT, *_RATIOS),
)  # fmt: skip

_CUSTOMER_MONTHS = Table(
    "customer_months", "Completion by customer", "分客户计划完成", "One customer and month, all grades together",
    "每客户、月份的计划完成情况（各品种合计）",
    (
        MONTH,
        CUSTOMER,
        _CLASS,
        *_BOOKS,
        *_RATIOS,
        _ratio(
            "completion_by_grade", "Completion by grade", "分品种完成率",
            "Σ min(delivered, plan) / Σ plan over the grades: a swap of grades cannot hide", "Σmin（完成，计划）/Σ计划，按品种",
        ),
        tonnes(
            "own_shortfall_t", "Own shortfall", "自身欠量",
            "Shortfall caused by the customer itself: its cash, its runs, its room", "客户自身原因（资金、负荷、库容）的欠量",
        ),
        tonnes(
            "supply_shortfall_t", "Supply shortfall", "供应欠量", "Shortfall from all other causes", "其他原因的欠量"
        ),
        Column(
            "main_cause", "name", "", "Main cause", "主要原因", "The cause of most of the shortfall; null without one",
            "欠量最大的原因；无欠量为空", domain="cause", values=CAUSES,
        ),
        Column(
            "main_asset", "name", "", "Main asset", "主要设施", "The asset of most of the shortfall",
            "欠量最大的设施", domain="asset",
        ),
        _ratio(
            "main_share", "Main share", "主因占比", "Share of main_cause at main_asset in the shortfall",
            "主要原因在欠量中的占比",
        ),
    ),
)  # fmt: skip

_SHORTFALLS = Table(
    "shortfalls", "Shortfall causes", "欠量原因", "The part of a month's shortfall that one cause at one asset explains",
    "某设施某原因造成的当月欠量",
    (
        MONTH,
        CUSTOMER,
        GRADE,
        Column(
            "cause", "name", "", "Cause", "原因", "Why it was not delivered", "欠量原因", key=True,
            domain="cause", values=CAUSES,
        ),
        Column(
            "asset", "name", "", "Asset", "设施", "Where the cause lies", "原因所在设施", key=True, domain="asset"
        ),
        tonnes("shortfall_t", "Shortfall", "欠量", "Tonnes of the shortfall", "欠量"),
        _ratio("share", "Share", "占比", "Share of the customer's shortfall of that grade and month", "占该欠量的比例"),
    ),
)  # fmt: skip

_DELIVERIES = Table(
    "deliveries", "Daily deliveries", "每日交付", "One customer, grade and day", "每客户、品种、日的交付",
    (
        DAY,
        CUSTOMER,
        GRADE,
        tonnes("loaded_t", "Loaded", "发运量", "Loaded that day", "当日发运量"),
        tonnes("arrived_t", "Arrived", "到厂量", "Arrived that day", "当日到厂量"),
        tonnes("delivered_t", "Delivered", "完成量", "Counted against the plan that day", "当日计入完成的数量"),
        tonnes("actual_t", "Actual", "实绩量", "Part of delivered_t that is an actual", "其中实绩"),
        tonnes("month_to_date_t", "Month to date", "月累计", "Delivered since the month's first day", "当月累计完成量"),
        _ratio(
            "completion_to_date", "Completion to date", "月累计完成率", "month_to_date_t over the month's plan in force",
            "当月累计完成量/当月计划",
        ),
        _ratio("time_progress", "Time progress", "时间进度", "Share of the month's days gone by", "当月已过天数占比"),
        _ratio("pace", "Pace", "进度差", "Completion to date less time progress", "月累计完成率−时间进度"),
    ),
)  # fmt: skip

_SETTLEMENT = Table(
    "settlement", "Settlement", "结算", "What a month's deliveries of a grade cost the customer",
    "每客户、品种、月份的结算金额",
    (
        MONTH,
        CUSTOMER,
        GRADE,
        tonnes("delivered_t", "Delivered", "完成量", "Tonnes counted against the plan", "计入计划完成的数量"),
        Column(
            "price_yuan_per_t", "number", "yuan/t", "Price", "均价",
            "Price in force on delivery, weighted by tonnes; null without a price or a delivery", "交付时执行价格的加权均价",
        ),
        _yuan("amount_yuan", "Amount", "货款", "Tonnes at the price in force on delivery", "按交付时价格计算的货款"),
        _yuan(
            "tariff_yuan", "Carriage", "运费",
            "Tariff of the last leg: the line or rail route that reaches the customer, on tonnes loaded",
            "最后一程（到厂管线或铁路）的运费，按发运量",
        ),
    ),
)  # fmt: skip

_CASH = Table(
    "cash", "Cash", "资金", "A prepaying customer's account in one month", "先款后货客户的月度资金",
    (
        MONTH,
        CUSTOMER,
        _yuan("opening_yuan", "Opening", "期初余额", "Balance at the month's first midnight", "月初余额"),
        _yuan("income_yuan", "Income", "收入", "Income and receipts in the month", "当月收入与回款"),
        _yuan("paid_yuan", "Paid", "支付", "Paid for crude: opening + income − closing", "购油支付：期初+收入−期末"),
        _yuan("closing_yuan", "Closing", "期末余额", "Balance at the month's end", "月末余额"),
    ),
)  # fmt: skip

_CUSTOMERS = Table(
    "customers", "Customers", "客户", "One customer and its terms", "客户及其交易条件",
    (
        CUSTOMER,
        _text("label_en", "English name", "英文名", "Name in English", "英文名称"),
        _text("label_zh", "Chinese name", "中文名", "Name in Chinese", "中文名称"),
        _CLASS,
        _text("grades", "Grades", "品种", "Accepted grades, separated by ;", "可接收品种，以 ; 分隔"),
        Column(
            "offtake", "name", "", "Offtake", "提油方式", "By plan, or as its cash allows", "按计划或按资金",
            domain="offtake", values=OFFTAKES,
        ),
        _POINT,
        Column("priority", "integer", "", "Priority", "优先级", "Class in apportionment, 1 first", "分配优先级，1为先"),
        _text("settlement", "Settlement", "结算方式", "Settlement method", "结算方式"),
        tonnes("safe_fill_t", "Safe fill", "安全库容", "Safe fill on the first day", "首日安全库容"),
        tonnes("heel_t", "Heel", "底油", "Dead stock", "死库存"),
        Column("latitude", "number", "°", "Latitude", "纬度", "Latitude, north positive", "北纬为正"),
        Column("longitude", "number", "°", "Longitude", "经度", "Longitude, east positive", "东经为正"),
        *ATTRIBUTE_COLUMNS,
    ),
)  # fmt: skip

_ARCHIVE = Table(
    "customer_archive", "Customer archive", "客户信息档案", "One attribute of one customer", "客户的一项档案信息",
    (
        CUSTOMER,
        Column("attribute", "text", "", "Attribute", "项目", "What is recorded", "档案项目", key=True),
        _text("value", "Value", "内容", "As given by the planner", "填报内容"),
    ),
)  # fmt: skip

_LEVEL = Column(
    "level", "name", "", "Level", "计划级别", "Annual, quarter, month or ten-day", "年、季、月、旬", key=True,
    domain="level", values=LEVEL_TEXTS,
)  # fmt: skip
_START = Column("start", "date", "", "From", "自", "The period's first day", "期间首日", key=True)
_END = Column("end", "date", "", "Until", "至", "The first day after the period", "期间次日")

_PLAN = Table(
    "plan", "Plan lines", "计划行", "One line of the directive plan, before orders", "指令性计划的一行（调整令之前）",
    (
        CUSTOMER,
        GRADE,
        _LEVEL,
        _START,
        _END,
        tonnes("plan_t", "Plan", "计划量", "Tonnes over the period", "期间计划量"),
        _text("via", "Via", "经由", "The line or railway that must bring it; empty: any", "指定经由；空为不限"),
    ),
)  # fmt: skip

_ORDERS = Table(
    "orders", "Adjustment orders", "调整令", "One line of one adjustment order", "调整令的一行",
    (
        Column("number", "text", "", "Number", "文号", "The order's number", "调整令文号", key=True),
        CUSTOMER,
        GRADE,
        _LEVEL,
        _START,
        _END,
        tonnes("plan_t", "New plan", "调整后计划", "The whole period's new tonnes", "期间调整后总量"),
        Column("issued_on", "date", "", "Issued", "签发日", "Date of issue", "签发日期"),
        Column("effective_at", "instant", "", "Effective", "生效", "In force from", "生效时间"),
        Column(
            "state", "name", "", "State", "状态", "Draft; approved; or applied: approved and in force by the run's end",
            "草稿、已批准或已执行（已批准且模拟期内生效）", domain="order_state",
            values=ORDER_STATES,
        ),
        _text("reason", "Reason", "原因", "As given", "调整原因"),
        _text(
            "line_reason", "Why this line", "逐行理由", "The line's note, or the comment above it in the order's file",
            "该行的备注，或调整令文件中其上方的注释",
        ),
    ),
)  # fmt: skip

_KPIS = Table(
    "kpis", "Key figures", "关键指标", "One figure of the whole run", "全期的一项指标",
    (
        Column("name", "text", "", "Name", "代号", "Stable name of the figure", "指标代号", key=True),
        Column("value", "number", "", "Value", "数值", "In the row's unit; null where it has no meaning", "按所列单位"),
        _text("unit", "Unit", "单位", "Unit of value; 1 is a ratio", "数值单位；1为比率"),
        _text("subject", "Subject", "对象", "The asset, customer or cause it is about", "所指设施、客户或原因"),
        Column("at", "instant", "", "At", "时间", "When, for extremes", "极值出现时间"),
        _text("header_en", "Figure", "英文名", "Its name in English", "英文名称"),
        _text("header_zh", "Figure (zh)", "中文名", "Its name in Chinese", "中文名称"),
        _text("meaning_en", "Meaning", "英文含义", "Definition in English", "英文定义"),
        _text("meaning_zh", "Meaning (zh)", "中文含义", "Definition in Chinese", "中文定义"),
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _KPIS,
        _CUSTOMER_MONTHS,
        _COMPLETION,
        _SHORTFALLS,
        _DELIVERIES,
        *NETWORK_TABLES,
        NETWORK,
        _SETTLEMENT,
        _CASH,
        _PLAN,
        _ORDERS,
        _CUSTOMERS,
        _ARCHIVE,
        *SERVICE_TABLES,
        *LIMIT_TABLES,
        *FIGURE_TABLES,
    )
}
"""Every table, by name, in the order of the data dictionary."""
