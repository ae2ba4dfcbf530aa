"""Columns and choices that several input tables share."""

from __future__ import annotations

from chainsim.files.column import Texts, declared

CAUSE_TEXTS: Texts = {
    "pipeline": ("pipeline", "管道"),
    "railway": ("railway", "铁路"),
    "loading": ("loading", "装车"),
    "source": ("source", "油源"),
    "tank": ("tank", "油罐"),
    "customer_cash": ("customer’s cash", "客户资金"),
    "customer_runs": ("customer’s runs", "客户加工"),
    "quality": ("quality", "质量"),
}
STORAGE_TEXTS: Texts = {
    "shared": ("grades apart, one limit", "分储共限"),
    "own": ("each grade its limit", "分储分限"),
    "blended": ("one mixture", "混储"),
    "junction": ("no tank", "无罐"),
}
CLASS_TEXTS: Texts = {
    "petrochina": ("PetroChina", "中国石油"),
    "sinopec": ("Sinopec", "中国石化"),
    "local": ("local", "地方"),
}
MODES: Texts = {
    "parallel": ("side by side", "并输"),
    "batch": ("batches", "顺序输送"),
    "blend": ("blended", "混输"),
}
DISPATCH: Texts = {"plan": ("by plan", "按计划"), "push": ("all it can", "全力外输")}
OFFTAKE: Texts = {"plan": ("by plan", "按计划"), "cash": ("by cash", "按资金")}
DELIVERY: Texts = {"arrival": ("on arrival", "到站"), "loading": ("on loading", "发站")}
STATE_TEXTS: Texts = {"approved": ("approved", "已批准"), "draft": ("draft", "草稿")}
SCALED_TEXTS: Texts = {
    "plan": ("plan", "计划"),
    "purchases": ("purchases", "收购计划"),
    "production": ("production", "产量"),
    "prices": ("prices", "价格"),
    "receipts": ("receipts", "到款"),
}
ASSETS = ("suppliers", "farms", "pipelines", "railways", "customers")


TITLES = (
    declared(
        "title_zh",
        ("Title (Chinese)", "中文名称"),
        "text",
        "",
        ("how it is called in Chinese", "中文页面和报表上的名称"),
    ),
    declared(
        "title_en",
        ("Title (English)", "英文名称"),
        "text",
        "",
        ("how it is called in English", "英文页面和报表上的名称"),
    ),
)
REMARKS = (
    declared("note", ("Note", "备注"), "text", "", ("a remark; not read", "说明，不参与计算"), usual=False),
    declared(
        "source",
        ("Source", "来源"),
        "text",
        "",
        ("where the figures come from; not read", "数据来源，不参与计算"),
        usual=False,
    ),
)
AT = declared(
    "at",
    ("Place", "位置"),
    "place",
    "°",
    ("latitude; longitude, such as 36.1; 103.6", "纬度; 经度，如 36.1; 103.6"),
    usual=False,
)
PERIOD = (
    "2008, 2008Q3, 2008-07, or 2008-07-1, -2, -3 (ten-day periods)",
    "2008、2008Q3、2008-07 或 2008-07-1、-2、-3（上、中、下旬）",
)
CUSTOMER = declared("customer", ("Customer", "客户"), "name", of=("customers",), required=True)
GRADE = declared("grade", ("Grade", "油种"), "name", of=("grades",), required=True)
SUPPLIER = declared("supplier", ("Supplier", "油源"), "name", of=("suppliers",), required=True)
PERIOD_COLUMN = declared("period", ("Period", "期间"), "period", "", PERIOD, required=True)
LOSS = declared("loss", ("Loss", "损耗率"), "share", "1", ("lost on the way, at most 10 %", "途耗，不超过 10%"))
TARIFF = declared("tariff", ("Tariff", "运价"), "number", "yuan/t")
CARRIER = declared("carrier", ("Carrier", "承运单位"), "text", usual=False)
FROM_FARM = declared("from", ("From", "起"), "name", "", ("a tank farm", "起点油库"), of=("farms",), required=True)
REMAINING = declared(
    "remaining",
    ("Remaining", "剩余"),
    "share",
    "1",
    ("0 (stopped) to 100 %", "剩余能力，0（全停）至 100%"),
    required=True,
)
CAUSE = declared("cause", ("Cause", "原因"), "choice", choices=CAUSE_TEXTS, required=True)
ASSET = declared(
    "asset",
    ("Asset", "资产"),
    "name",
    "",
    (
        "any supplier, tank farm, pipeline, railway or customer; or RAILWAY.rack, RAILWAY.paths, RAILWAY.CUSTOMER",
        "任一油源、油库、管道、铁路或客户；或 铁路.rack（栈桥）、铁路.paths（车次）、铁路.客户",
    ),
    of=ASSETS,
    required=True,
)
