"""The columns of the tables of plans, events, actuals and records."""

from __future__ import annotations

from collections.abc import Mapping

from chainsim.files.column import Column, declared
from chainsim.files.columns_shared import (
    ASSET,
    ASSETS,
    CAUSE,
    CUSTOMER,
    GRADE,
    PERIOD_COLUMN,
    REMAINING,
    REMARKS,
    SCALED_TEXTS,
    STATE_TEXTS,
    SUPPLIER,
)
from chainsim.model.service import COMPLAINT_KINDS, SURVEY_DIMENSIONS, WORK_ORDER_STEPS

RECORD_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "stocks": (
        declared(
            "asset",
            ("Asset", "资产"),
            "name",
            "",
            ("a tank farm, a customer or a pipeline", "油库、客户或管道"),
            of=("farms", "customers", "pipelines"),
            required=True,
        ),
        GRADE,
        declared(
            "opening",
            ("Opening stock", "期初库存"),
            "number",
            "amount",
            (
                "content at the start, heel included; of a pipeline its contents, from the exit back to the entrance",
                "开始时的库存，含底油；管道为管内油品，由出口向入口逐行写",
            ),
        ),
        declared("heel", ("Heel", "底油"), "number", "amount", ("dead stock of this grade", "本品种不能外输的底油")),
        declared(
            "safe_fill",
            ("Safe fill", "安全库容"),
            "number",
            "amount",
            ("of this grade, where each has its limit", "本品种的最大库存（分储分限）"),
            usual=False,
        ),
    ),
    "steps": (
        declared("asset", ("Asset", "资产"), "name", of=ASSETS, required=True),
        declared(
            "key",
            ("Value", "项目"),
            "text",
            "",
            (
                "what changes: safe_fill, capacity, paths_per_day, runs, income_per_day, …",
                "随时间变化的项目：safe_fill、capacity、paths_per_day、runs、income_per_day 等",
            ),
            required=True,
        ),
        declared("from", ("From", "起"), "day", "", ("empty: from the beginning", "空：自始"), usual=True),
        declared(
            "amount", ("Amount", "数量"), "number", "", ("in the unit of the value", "单位同该项目"), required=True
        ),
    ),
    "plan": (
        CUSTOMER,
        GRADE,
        PERIOD_COLUMN,
        declared("amount", ("Amount", "数量"), "number", "amount", required=True),
        declared(
            "via",
            ("Via", "路径"),
            "name",
            "",
            ("the pipeline or railway that brings it; default: the cheapest", "送达的管道或铁路，默认运价最低"),
            of=("pipelines", "railways"),
            usual=False,
        ),
        *REMARKS,
    ),
    "purchases": (
        SUPPLIER,
        PERIOD_COLUMN,
        declared("amount", ("Amount", "数量"), "number", "amount", required=True),
        *REMARKS,
    ),
    "production": (
        SUPPLIER,
        declared(
            "from", ("From", "起"), "day", "", ("the first at or before the start", "首行不晚于开始日"), required=True
        ),
        declared("rate", ("Rate", "产量"), "number", "amount/d", required=True),
        *REMARKS,
    ),
    "prices": (
        GRADE,
        declared("from", ("From", "起"), "day", required=True),
        declared("price", ("Price", "价格"), "number", "yuan/t", required=True),
        declared("reason", ("Reason", "理由"), "text", usual=False),
        *REMARKS,
    ),
    "receipts": (
        CUSTOMER,
        declared("date", ("Date", "日期"), "instant", required=True),
        declared("yuan", ("Money", "金额"), "number", "yuan", required=True),
        *REMARKS,
    ),
    "disruptions": (
        declared("name", ("Name", "名称"), "text"),
        ASSET,
        declared("from", ("From", "起"), "instant", required=True),
        declared("to", ("To", "止"), "instant", "", ("the first moment after", "恢复的时刻"), required=True),
        REMAINING,
        CAUSE,
        *REMARKS,
    ),
    "random_disruptions": (
        declared("name", ("Name", "名称"), "text"),
        ASSET,
        REMAINING,
        CAUSE,
        declared(
            "time_to_failure",
            ("Time to failure", "正常天数"),
            "distribution",
            "d",
            (
                "exponential(mean=200), weibull(scale=…; shape=…), …",
                "exponential(mean=200)、weibull(scale=…; shape=…) 等",
            ),
            required=True,
        ),
        declared(
            "time_to_repair",
            ("Time to repair", "修复天数"),
            "distribution",
            "d",
            (
                "lognormal(median=3; sigma=0.5), constant(value=5), …",
                "lognormal(median=3; sigma=0.5)、constant(value=5) 等",
            ),
            required=True,
        ),
        *REMARKS,
    ),
    "orders": (
        declared("number", ("Number", "编号"), "text", required=True),
        declared("issued", ("Issued", "签发"), "day", required=True),
        declared("effective", ("Effective", "生效"), "instant", required=True),
        declared(
            "state",
            ("State", "状态"),
            "choice",
            "",
            ("default: approved; a draft changes nothing", "默认已批准；草稿不生效"),
            choices=STATE_TEXTS,
        ),
        declared("reason", ("Reason", "理由"), "text"),
        CUSTOMER,
        GRADE,
        PERIOD_COLUMN,
        declared("amount", ("Amount", "数量"), "number", "amount", ("the period's new total", "该期间新的总量")),
        declared(
            "change",
            ("Change", "增减"),
            "number",
            "amount",
            ("or a difference to the plan in force", "或对执行计划的增减"),
        ),
        *REMARKS,
    ),
    "actual_deliveries": (
        declared("date", ("Date", "日期"), "day", required=True),
        CUSTOMER,
        GRADE,
        declared("amount", ("Amount", "数量"), "number", "amount", required=True),
        declared("measured", ("Measured", "计量"), "flag", "", ("default: true", "是否已计量，默认 true"), usual=False),
        *REMARKS,
    ),
    "actual_stocks": (
        declared(
            "asset",
            ("Asset", "资产"),
            "name",
            "",
            ("a tank farm, a customer or a pipeline", "油库、客户或管道"),
            of=("farms", "customers", "pipelines"),
            required=True,
        ),
        GRADE,
        declared(
            "amount",
            ("Amount", "数量"),
            "number",
            "amount",
            (
                "on the as-of date; of a pipeline from the exit back to the entrance",
                "截至时点的库存；管道由出口向入口逐行写",
            ),
            required=True,
        ),
        *REMARKS,
    ),
    "visits": (
        CUSTOMER,
        declared("planned", ("Planned", "计划日期"), "day", required=True),
        declared("visited", ("Visited", "走访日期"), "day", "", ("empty: not made", "空：未走访")),
        declared("report", ("Report", "报告日期"), "day", "", ("date of the written report", "走访报告日期")),
        declared("purpose", ("Purpose", "走访目的"), "text"),
        declared("visitor", ("Visitor", "走访人"), "text"),
        *REMARKS,
    ),
    "complaints": (
        declared("number", ("Number", "编号"), "text", required=True),
        CUSTOMER,
        declared("received", ("Received", "接收日期"), "day", required=True),
        declared("kind", ("Kind", "类别"), "choice", choices=COMPLAINT_KINDS, required=True),
        declared("text", ("Text", "内容"), "text", required=True),
        declared("unit", ("Unit", "责任单位"), "text"),
        declared("answered", ("Answered", "答复日期"), "day"),
        declared("result", ("Result", "处理结果"), "text"),
        declared(
            "closed", ("Closed", "办结日期"), "day", "", ("only with an answer and a result", "须有答复和处理结果")
        ),
        *REMARKS,
    ),
    "surveys": (
        CUSTOMER,
        declared("date", ("Date", "日期"), "day", required=True),
        declared("dimension", ("Dimension", "调查项目"), "choice", choices=SURVEY_DIMENSIONS, required=True),
        declared("score", ("Score", "得分"), "number", "", ("0 to 100", "0 至 100"), required=True),
        *REMARKS,
    ),
    "invoices": (
        declared("number", ("Number", "编号"), "text", required=True),
        CUSTOMER,
        declared("due", ("Due", "到期日"), "day", required=True),
        declared("yuan", ("Money", "金额"), "number", "yuan", required=True),
        declared("paid", ("Paid", "付款日期"), "day", "", ("empty: not paid", "空：未付")),
        *REMARKS,
    ),
    "work_order_log": (
        declared("work_order", ("Work order", "工单号"), "text", required=True),
        declared("step", ("Step", "环节"), "choice", choices=WORK_ORDER_STEPS, required=True),
        declared("date", ("Date", "日期"), "day", required=True),
        declared("by", ("By", "经办人"), "text"),
        declared("text", ("Text", "内容"), "text"),
        *REMARKS,
    ),
    "scale": (
        declared("table", ("Table", "表"), "choice", choices=SCALED_TEXTS, required=True),
        declared(
            "where", ("Where", "范围"), "text", "", ("customer=local_*; grade=tarim", "customer=local_*; grade=tarim")
        ),
        declared("from", ("From", "起"), "edge"),
        declared("to", ("To", "止"), "edge"),
        declared("factor", ("Factor", "系数"), "share", "1", required=True),
        declared("note", ("Note", "备注"), "text", "", ("a remark; not read", "说明，不参与计算"), usual=False),
    ),
    "cases": (
        declared(
            "case",
            ("Case", "案例"),
            "text",
            "",
            ("chainsim run western.xlsx --case NAME", "chainsim run western.xlsx --case 名称"),
            required=True,
        ),
        declared(
            "path",
            ("Path", "路径"),
            "text",
            "",
            (
                (
                    "what changes: pipelines.trunk.capacity, farms.hub.opening.tarim, plan.yumen.tarim.2008-07, "
                    "disruptions.NAME.to, scale.plan.local_*.*.2008Q4, as_of"
                ),
                (
                    "改动什么：pipelines.trunk.capacity、farms.hub.opening.tarim、plan.yumen.tarim.2008-07、"
                    "disruptions.名称.to、scale.plan.local_*.*.2008Q4、as_of"
                ),
            ),
            required=True,
        ),
        declared(
            "value", ("Value", "值"), "any", "", ("the new value; null removes", "新的值；null 表示删除"), required=True
        ),
        declared("note", ("Note", "备注"), "text", "", ("a remark; not read", "说明，不参与计算")),
    ),
}
