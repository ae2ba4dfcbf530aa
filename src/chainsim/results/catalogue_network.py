"""The tables about the network (stocks, flows, batches, trains), declared, and the columns that many tables share."""

from __future__ import annotations

from chainsim.records import EVENT_KINDS
from chainsim.results.declarations import Column, Table

HOLDER_KINDS: dict[str, tuple[str, str]] = {
    "farm": ("tank farm", "油库"),
    "customer": ("customer", "客户"),
    "line": ("line fill", "管存"),
    "railway": ("in trains", "铁路在途"),
}
FLOW_KINDS: dict[str, tuple[str, str]] = {
    "supply": ("supply", "交油"),
    "line": ("pipeline", "管输"),
    "loading": ("train loading", "装车"),
    "runs": ("crude runs", "加工"),
}
ASSET_KINDS: dict[str, tuple[str, str]] = {
    "supplier": ("supplier", "油源"),
    "farm": ("tank farm", "油库"),
    "pipeline": ("pipeline", "管线"),
    "railway": ("railway", "铁路"),
    "customer": ("customer", "客户"),
    "grade": ("grade", "品种"),
}


def tonnes(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    """A column in tonnes."""
    return Column(name, "number", "t", header_en, header_zh, meaning_en, meaning_zh)


def _hours(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "number", "h", header_en, header_zh, meaning_en, meaning_zh)


def _days(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "number", "d", header_en, header_zh, meaning_en, meaning_zh)


def _ratio(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "number", "1", header_en, header_zh, meaning_en, meaning_zh)


def _instant(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "instant", "", header_en, header_zh, meaning_en, meaning_zh)


MONTH = Column("month", "date", "", "Month", "月份", "The month's first day", "当月首日", key=True)
DAY = Column(
    "day", "date", "", "Day", "日期", "The calendar day, midnight to midnight", "日历日（0点至24点）", key=True
)
CUSTOMER = Column(
    "customer", "name", "", "Customer", "客户", "The customer's name", "客户代号", key=True, domain="customer"
)
GRADE = Column("grade", "name", "", "Grade", "品种", "The crude's name", "原油品种", key=True, domain="grade")
_ASSET = Column("asset", "name", "", "Asset", "设施", "The asset's name", "设施代号", key=True, domain="asset")
_HOLDER = Column(
    "holder", "name", "", "Holder", "库存地点", "The farm, customer, line or railway that holds the crude",
    "存油的油库、客户、管线或铁路", key=True, domain="asset",
)  # fmt: skip
_HOLDER_KIND = Column(
    "holder_kind", "name", "", "Kind", "类型", "What the holder is", "库存地点类型", domain="holder_kind",
    values=HOLDER_KINDS,
)  # fmt: skip
_FLOW_KIND = Column(
    "kind", "name", "", "Kind", "类型", "What the flow is", "流量类型", domain="flow_kind", values=FLOW_KINDS
)
_FLOWED: tuple[Column, ...] = (
    tonnes("entered_t", "Entered", "进入量", "Tonnes that entered that day", "当日进入量"),
    tonnes("left_t", "Left", "离开量", "Tonnes that left at the other end, loss taken off", "当日到端量（扣损耗）"),
    tonnes("lost_t", "Lost", "损耗量", "Tonnes lost on leaving", "当日损耗量"),
)

_INVENTORY = Table(
    "inventory", "Inventory by grade", "分品种库存", "One grade in one place on one day", "某地某品种某日库存",
    (
        DAY,
        _HOLDER,
        GRADE,
        _HOLDER_KIND,
        tonnes("opening_t", "Opening", "日初库存", "Stock at 0:00", "0点库存"),
        tonnes("closing_t", "Closing", "日末库存", "Stock at 24:00", "24点库存"),
        tonnes(
            "grade_safe_fill_t", "Safe fill of grade", "品种安全库容",
            "The grade's own limit; null where grades share the tanks", "该品种单独库容；共用时为空",
        ),
    ),
)  # fmt: skip

_INVENTORY_TOTALS = Table(
    "inventory_totals", "Inventory", "库存", "All grades in one farm or at one customer on one day",
    "某油库或客户某日的总库存",
    (
        DAY,
        _HOLDER,
        _HOLDER_KIND,
        tonnes("opening_t", "Opening", "日初库存", "Stock at 0:00", "0点库存"),
        tonnes("closing_t", "Closing", "日末库存", "Stock at 24:00", "24点库存"),
        tonnes("highest_t", "Highest", "最高库存", "Highest stock within the day", "当日最高库存"),
        tonnes("lowest_t", "Lowest", "最低库存", "Lowest stock within the day", "当日最低库存"),
        tonnes("safe_fill_t", "Safe fill", "安全库容", "Safe fill in force at 24:00", "24点安全库容"),
        tonnes("heel_t", "Heel", "底油", "Dead stock", "死库存"),
        tonnes("ullage_t", "Ullage", "空容", "Safe fill less closing stock", "安全库容−日末库存"),
        _ratio(
            "utilisation", "Utilisation", "库容利用率", "(closing − heel) / (safe fill − heel)",
            "（日末库存−底油）/（安全库容−底油）",
        ),
        tonnes("outflow_t", "Outflow", "出库量", "Tonnes that left the tanks that day", "当日出库量"),
        _days(
            "days_of_stock", "Days of stock", "库存天数",
            "Closing stock less heel over the mean daily outflow of the last 30 days; null without an outflow",
            "（日末库存−底油）/近30日平均出库；无出库为空",
        ),
        Column(
            "net_t_per_day", "number", "t/d", "Net inflow", "净入库", "Change of stock over the day, per day",
            "当日库存变化（每日）",
        ),
        _hours(
            "hours_to_full", "Hours to full", "胀库剩余小时",
            "Hours from 24:00 until the tanks are full, as simulated; null if they are not before the run's end",
            "自24点至胀库的模拟小时数；期内不胀库为空",
        ),
        _hours(
            "hours_to_dry", "Hours to dry", "见底剩余小时",
            "Hours from 24:00 until only the heel is left, as simulated; null if never", "自24点至见底的模拟小时数；不见底为空",
        ),
        _hours(
            "hours_to_full_at_pace", "Hours to full at this pace", "按当日速度胀库小时",
            "Ullage over the day's net inflow; null if the stock does not rise", "空容/当日净入库；不上升为空",
        ),
        _hours(
            "hours_to_dry_at_pace", "Hours to dry at this pace", "按当日速度见底小时",
            "Stock above the heel over the day's net outflow; null if the stock does not fall", "可动库存/当日净出库；不下降为空",
        ),
        _hours("hours_full", "Hours full", "胀库小时", "Hours of the day with full tanks", "当日满罐小时数"),
        _hours("hours_dry", "Hours dry", "见底小时", "Hours of the day with only the heel left", "当日见底小时数"),
    ),
)  # fmt: skip

_FLOWS = Table(
    "flows", "Flows by grade", "分品种流量", "One grade through one asset on one day", "某设施某品种某日流量",
    (DAY, _ASSET, GRADE, _FLOW_KIND, *_FLOWED),
)  # fmt: skip

_FLOW_TOTALS = Table(
    "flow_totals", "Flows", "流量", "All grades through one asset on one day", "某设施某日总流量",
    (
        DAY,
        _ASSET,
        _FLOW_KIND,
        *_FLOWED,
        tonnes("requested_t", "Requested", "请求量", "What was asked of it that day", "当日请求量"),
        tonnes("nominal_t", "Nominal", "计划量", "The plan's own rate for it, over the day", "当日计划流量"),
        tonnes(
            "capacity_t", "Capacity", "能力",
            "What it could have moved that day: capacity or production in force, planned outages taken off; null: unlimited",
            "当日可用能力（扣计划停运）；空为不限",
        ),
        _ratio("utilisation", "Utilisation", "利用率", "Entered over capacity", "进入量/能力"),
        tonnes(
            "minimum_t", "Minimum", "最低安全输量", "Minimum safe throughput over the day; null where none is set",
            "当日最低安全输量；未设为空",
        ),
        _hours(
            "hours_below_minimum", "Hours below minimum", "低于最低输量小时",
            "Hours below the minimum safe throughput, standstill included; null where none is set",
            "低于最低安全输量的小时数（含停输）；未设为空",
        ),
        _hours("hours_stopped", "Hours stopped", "停输小时", "Hours without any flow", "无流量小时数"),
        Column(
            "tariff_yuan", "number", "yuan", "Carriage", "运费", "Tonnes entered at the asset's tariff",
            "进入量×管输（铁路）费率",
        ),
    ),
)  # fmt: skip

_BATCHES = Table(
    "batches", "Batches", "批次", "One batch in one pipeline", "管线中的一个批次",
    (
        Column(
            "pipeline", "name", "", "Pipeline", "管线", "The pipeline's name", "管线代号", key=True, domain="asset"
        ),
        Column("number", "integer", "", "Number", "批次号", "Count of batches in the pipeline", "管线内批次序号", key=True),
        Column("grade", "name", "", "Grade", "品种", "The crude's name", "原油品种", domain="grade"),
        tonnes("scheduled_t", "Scheduled", "计划批量", "Tonnes as scheduled", "计划批量"),
        tonnes("pumped_t", "Pumped", "实际批量", "Tonnes pumped before the run's end", "期内泵入量"),
        _instant("entry_started_at", "Entry began", "首端开始", "The first tonne enters; null: there from the start", "批头进管"),
        _instant("entry_ended_at", "Entry ended", "首端结束", "The last tonne enters", "批尾进管"),
        _instant("exit_started_at", "Exit began", "末端开始", "The first tonne leaves", "批头到达"),
        _instant("exit_ended_at", "Exit ended", "末端结束", "The last tonne leaves", "批尾到达"),
        _days("transit_days", "Transit", "在管天数", "From the first tonne's entry to its exit", "批头在管天数"),
    ),
)  # fmt: skip

_TRAINS = Table(
    "trains", "Trains", "列车", "One train", "一列油罐列车",
    (
        Column("railway", "name", "", "Railway", "铁路", "The railway's name", "铁路代号", key=True, domain="asset"),
        Column("number", "integer", "", "Number", "列号", "Count of trains on the railway", "列车序号", key=True),
        Column("customer", "name", "", "Customer", "客户", "Whom it is for", "收货客户", domain="customer"),
        Column("grade", "name", "", "Grade", "品种", "The crude's name", "原油品种", domain="grade"),
        Column("wagons", "integer", "", "Wagons", "车数", "Wagons in the train", "车辆数"),
        tonnes("loaded_t", "Loaded", "装车量", "Tonnes loaded", "装车量"),
        tonnes("arrived_t", "Arrived", "到达量", "Tonnes at arrival, loss taken off", "到达量（扣损耗）"),
        _instant("due_at", "Due", "应装", "When the plan wanted it", "计划装车时间"),
        _instant("loading_started_at", "Loading began", "装车开始", "Loading begins", "装车开始"),
        _instant("loading_ended_at", "Loading ended", "装车结束", "Loading ends", "装车结束"),
        _instant("departed_at", "Departed", "发车", "It takes a path", "占用运行线发车"),
        _instant("arrived_at", "Arrived", "到达", "It reaches the customer", "到达客户"),
        _instant("unloaded_at", "Unloaded", "卸空", "Unloaded", "卸车完成"),
        _instant("wagons_back_at", "Wagons back", "空车返回", "The wagons are back at the rack", "空车返回装车站"),
        _days("wait_days", "Wait", "待装天数", "From due to the beginning of loading", "应装至开始装车"),
        _days(
            "delay_days", "Delay", "晚点天数", "Departure less due and the time of loading", "发车时间−应装时间−装车时间"
        ),
        _days("cycle_days", "Cycle", "周转天数", "From the beginning of loading until the wagons are back", "装车开始至空车返回"),
    ),
)  # fmt: skip

_CURTAILMENT = Table(
    "curtailment", "Curtailment", "限产", "One supplier on one day", "某油源某日交油与限产",
    (
        DAY,
        Column(
            "supplier", "name", "", "Supplier", "油源", "The supplier's name", "油源代号", key=True, domain="asset"
        ),
        Column("grade", "name", "", "Grade", "品种", "Its crude", "原油品种", domain="grade"),
        tonnes("plan_t", "Purchase plan", "购油计划", "Purchase plan; without one, the production", "购油计划；无则为产量"),
        tonnes("could_t", "Could supply", "可供量", "What the field could deliver, outages taken off", "扣停产后可供量"),
        tonnes("supplied_t", "Supplied", "交油量", "What was taken in", "实际交油量"),
        tonnes("curtailed_t", "Curtailed", "限产量", "What had to be shut in", "被迫限产量"),
    ),
)  # fmt: skip

_EVENTS = Table(
    "events", "Events", "事件", "Something worth telling, in order of time", "按时间排列的重要事件",
    (
        Column("number", "integer", "", "Number", "序号", "Position in time", "时间序号", key=True),
        _instant("at", "At", "时间", "When", "发生时间"),
        Column(
            "kind", "name", "", "Kind", "类型", "What happened", "事件类型", domain="event_kind", values=EVENT_KINDS
        ),
        Column("asset", "name", "", "Asset", "设施", "Where", "所在设施", domain="asset"),
        Column("grade", "name", "", "Grade", "品种", "Which crude, if one", "相关品种", domain="grade"),
        Column("value", "number", "", "Value", "数值", "The amount that goes with it", "相关数值"),
        Column("text_en", "text", "", "What happened", "英文说明", "In words, English", "英文说明"),
        Column("text_zh", "text", "", "What happened (zh)", "说明", "In words, Chinese", "中文说明"),
    ),
)  # fmt: skip

_BALANCE = Table(
    "balance", "Balance", "物料平衡", "Conservation of one grade over the run", "某品种全期物料平衡",
    (
        GRADE,
        tonnes("opening_stock_t", "Opening stock", "期初库存", "In tanks at the start", "期初罐存"),
        tonnes("opening_line_fill_t", "Opening line fill", "期初管存", "In lines at the start", "期初管存"),
        tonnes("opening_in_trains_t", "Opening in trains", "期初铁路在途", "In trains at the start", "期初铁路在途"),
        tonnes("produced_t", "Produced", "可供量", "What the fields could have delivered", "油源可供量"),
        tonnes("curtailed_t", "Curtailed", "限产量", "Shut in", "限产量"),
        tonnes("supplied_t", "Supplied", "交油量", "Taken in", "实际交油量"),
        tonnes("processed_t", "Processed", "加工量", "Crude runs of the customers", "客户加工量"),
        tonnes("lost_t", "Lost", "损耗量", "Transport losses", "运输损耗"),
        tonnes("closing_stock_t", "Closing stock", "期末库存", "In tanks at the end", "期末罐存"),
        tonnes("closing_line_fill_t", "Closing line fill", "期末管存", "In lines at the end", "期末管存"),
        tonnes("closing_in_trains_t", "Closing in trains", "期末铁路在途", "In trains at the end", "期末铁路在途"),
        tonnes(
            "residual_t", "Residual", "不平衡量", "Opening + supplied − processed − lost − closing",
            "期初+交油−加工−损耗−期末",
        ),
    ),
)  # fmt: skip

_ASSETS = Table(
    "assets", "Assets", "设施", "What the names in the other tables stand for", "各表代号的含义",
    (
        Column("asset", "text", "", "Name", "代号", "The name as in the other tables", "各表所用代号", key=True),
        Column(
            "kind", "name", "", "Kind", "类型", "What it is", "类型", key=True, domain="asset_kind", values=ASSET_KINDS
        ),
        Column("label_en", "text", "", "English name", "英文名", "Name in English", "英文名称"),
        Column("label_zh", "text", "", "Chinese name", "中文名", "Name in Chinese", "中文名称"),
    ),
)  # fmt: skip

NETWORK_TABLES: tuple[Table, ...] = (
    _INVENTORY_TOTALS,
    _INVENTORY,
    _FLOW_TOTALS,
    _FLOWS,
    _CURTAILMENT,
    _BATCHES,
    _TRAINS,
    _EVENTS,
    _BALANCE,
    _ASSETS,
)
