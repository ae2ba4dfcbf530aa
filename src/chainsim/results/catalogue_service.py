"""The tables about customer service, declared, and the archive's known attributes as columns of ``customers``.

These tables say what was known at the end of the run's last day: what is dated later has not happened yet.
"""

from __future__ import annotations

from dataclasses import replace

from chainsim.model.service import (
    ATTRACTIVENESS,
    COMPLAINT_KINDS,
    POTENTIALS,
    RELATIONSHIPS,
    SURVEY_DIMENSIONS,
    WORK_ORDER_STEPS,
)
from chainsim.results.catalogue_network import CUSTOMER
from chainsim.results.declarations import Column, Table

VISIT_STATES: dict[str, tuple[str, str]] = {
    "planned": ("planned", "待走访"),
    "overdue": ("overdue", "逾期未走访"),
    "visited": ("visited, no report", "已走访未报告"),
    "reported": ("reported", "已报告"),
}
COMPLAINT_STATES: dict[str, tuple[str, str]] = {
    "open": ("open", "未答复"),
    "answered": ("answered", "已答复未办结"),
    "closed": ("closed", "已办结"),
}
INVOICE_STATES: dict[str, tuple[str, str]] = {
    "not_due": ("not due", "未到期"),
    "overdue": ("overdue", "逾期未付"),
    "paid": ("paid in time", "按期付款"),
    "paid_late": ("paid late", "逾期付款"),
}


def _text(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str, *, key: bool = False) -> Column:
    return Column(name, "text", "", header_en, header_zh, meaning_en, meaning_zh, key=key)


def _date(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str, *, key: bool = False) -> Column:
    return Column(name, "date", "", header_en, header_zh, meaning_en, meaning_zh, key=key)


def _number(name: str, unit: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "number", unit, header_en, header_zh, meaning_en, meaning_zh)


def _count(name: str, header_en: str, header_zh: str, meaning_en: str, meaning_zh: str) -> Column:
    return Column(name, "integer", "", header_en, header_zh, meaning_en, meaning_zh)


_OF_CUSTOMER = replace(CUSTOMER, key=False)

_VISITS = Table(
    "visits", "Visits", "客户走访", "One planned visit to a customer, as known at the end of the run's last day",
    "一次计划走访（截至推演最后一日）",
    (
        CUSTOMER,
        _date("planned_on", "Planned", "计划日期", "The day planned", "计划走访日期", key=True),
        _date("visited_on", "Visited", "走访日期", "The day of the visit; null: not made", "实际走访日期；未走访为空"),
        _date("report_on", "Report", "报告日期", "The day of the written report; null: none", "书面报告日期；无报告为空"),
        Column(
            "state", "name", "", "State", "状态", "How far the visit has come", "走访进展", domain="visit_state",
            values=VISIT_STATES,
        ),
        _number(
            "overdue_days", "d", "Overdue", "逾期天数", "Days since the planned day without a visit; 0 where visited or not due",
            "超过计划日期仍未走访的天数；已走访或未到期为0",
        ),
        _number(
            "report_overdue_days", "d", "Without report", "未报告天数",
            "Days since the visit without a report; 0 where there is a report or was no visit",
            "走访后未提交报告的天数；已报告或未走访为0",
        ),
        _text("purpose", "Purpose", "走访目的", "Why", "走访目的"),
        _text("visitor", "Visitor", "走访人", "Who goes", "走访人员"),
    ),
)  # fmt: skip

_COMPLAINTS = Table(
    "complaints", "Customer feedback handling", "顾客意见反馈处理表",
    "One complaint of a customer, as known at the end of the run's last day", "客户的一项意见（截至推演最后一日）",
    (
        _text("number", "Number", "编号", "The complaint's number", "意见编号", key=True),
        _OF_CUSTOMER,
        _date("received_on", "Received", "接收日期", "The day it came in", "接收日期"),
        Column(
            "kind", "name", "", "Kind", "类别", "What it is about", "意见类别", domain="complaint_kind",
            values=dict(COMPLAINT_KINDS),
        ),
        _text("text", "Complaint", "意见内容", "What the customer said", "意见内容"),
        _text("unit", "Responsible unit", "责任单位", "Who has to answer; empty: not assigned", "责任单位；未指定为空"),
        _date("answered_on", "Answered", "答复日期", "The day of the answer; null: none", "答复日期；未答复为空"),
        _text("result", "Result", "处理结果", "What came of it; empty: nothing yet", "处理结果；尚无为空"),
        _date("closed_on", "Closed", "办结日期", "The day it was closed; null: not closed", "办结日期；未办结为空"),
        Column(
            "state", "name", "", "State", "状态", "open: no answer; answered: answered but not closed; closed",
            "未答复、已答复未办结、已办结", domain="complaint_state", values=COMPLAINT_STATES,
        ),
        Column(
            "has_result", "boolean", "", "Has a result", "有结果", "Whether a result is stated", "是否有处理结果"
        ),
        _number(
            "answer_days", "d", "Until answer", "答复用时", "Days from receipt to the answer, or so far without one",
            "从接收到答复的天数；未答复则计到最后一日",
        ),
        _number(
            "open_days", "d", "Open", "未结天数", "Days from receipt to closing, or so far while not closed",
            "从接收到办结的天数；未办结则计到最后一日",
        ),
    ),
)  # fmt: skip

_SURVEYS = Table(
    "surveys", "Satisfaction surveys", "客户满意度调查", "A customer's score for one dimension, up to the run's last day",
    "客户对某一调查项目的评分（截至推演最后一日）",
    (
        CUSTOMER,
        _date("surveyed_on", "Surveyed", "调查日期", "The day of the survey", "调查日期", key=True),
        Column(
            "dimension", "name", "", "Dimension", "调查项目", "What the score is about", "调查项目", key=True,
            domain="survey_dimension", values=dict(SURVEY_DIMENSIONS),
        ),
        _number("score", "point", "Score", "得分", "0 to 100 points", "0至100分"),
        Column(
            "latest", "boolean", "", "Latest", "最近一次", "Whether it is the customer's latest in this dimension",
            "是否该客户该项目的最近一次",
        ),
        _number("age_days", "d", "Age", "距今天数", "Days from the survey to the run's last day", "调查日至最后一日的天数"),
    ),
)  # fmt: skip

_INVOICES = Table(
    "invoices", "Invoices", "应收账单", "One invoice to a customer, as known at the end of the run's last day",
    "向客户开出的一张账单（截至推演最后一日）",
    (
        _text("number", "Number", "编号", "The invoice's number", "账单编号", key=True),
        _OF_CUSTOMER,
        _date("due_on", "Due", "到期日", "The day payment is due", "应付款日期"),
        _number("amount_yuan", "yuan", "Amount", "金额", "What is due", "应付金额"),
        _date("paid_on", "Paid on", "付款日期", "The day of payment; null: not paid", "付款日期；未付为空"),
        Column("paid", "boolean", "", "Paid", "已付", "Whether it is paid", "是否已付款"),
        Column(
            "state", "name", "", "State", "状态", "Whether it is due and paid, and in time", "到期与付款情况",
            domain="invoice_state", values=INVOICE_STATES,
        ),
        _number(
            "late_days", "d", "Late", "逾期天数", "Days from due to payment, or so far while unpaid; 0 where in time",
            "到期至付款的天数；未付则计到最后一日；未逾期为0",
        ),
    ),
)  # fmt: skip

_WORK_ORDER_LOG = Table(
    "work_order_log", "Work order log", "工单记录", "One step reported on a work order, up to the run's last day",
    "工单的一次办理记录（截至推演最后一日）",
    (
        _text("work_order", "Work order", "工单号", "The work order's number", "工单号", key=True),
        Column(
            "step", "name", "", "Step", "环节", "What was reported", "办理环节", key=True, domain="work_order_step",
            values=dict(WORK_ORDER_STEPS),
        ),
        _date("done_on", "Date", "日期", "The day of the step", "办理日期", key=True),
        _text("by", "By", "经办人", "Who reported it", "经办人"),
        _text("text", "Remark", "内容", "In words", "办理内容"),
        _number("age_days", "d", "Age", "距今天数", "Days from the step to the run's last day", "办理日至最后一日的天数"),
    ),
)  # fmt: skip

_CUSTOMER_SERVICE = Table(
    "customer_service", "Customer service", "客户服务", "One customer at the end of the run's last day",
    "每客户的服务情况（截至推演最后一日）",
    (
        CUSTOMER,
        _date("last_visit_on", "Last visit", "最近走访", "The day of the last visit; null: never", "最近走访日期；从未为空"),
        _number(
            "months_since_visit", "month", "Since visit", "距上次走访", "Months since the last visit; null: never visited",
            "距最近走访的月数；从未走访为空",
        ),
        _count("visits_planned", "Visits planned", "计划走访次数", "Visits planned up to the last day", "截至最后一日计划的次数"),
        _count("visits_made", "Visits made", "实际走访次数", "Visits made", "已走访次数"),
        _count("overdue_visits", "Visits overdue", "逾期走访", "Visits planned, past their day and not made", "逾期未走访的次数"),
        _count("missing_reports", "Without report", "缺少报告", "Visits made without a written report", "已走访未报告的次数"),
        _count("complaints", "Complaints", "意见数", "Complaints received", "收到的意见数"),
        _count("open_complaints", "Open complaints", "未办结意见", "Complaints not closed", "未办结的意见数"),
        _date("surveyed_on", "Surveyed", "最近调查", "The day of the latest survey; null: none", "最近调查日期；无为空"),
        _number(
            "survey_score", "point", "Satisfaction", "满意度", "Mean over the dimensions of the latest score; null: none",
            "各项目最近一次得分的平均；无调查为空",
        ),
        _count("invoices", "Invoices", "账单数", "Invoices that are due or paid", "已到期或已付的账单数"),
        _count("late_invoices", "Late invoices", "逾期账单", "Of these, paid late or overdue", "其中逾期付款或逾期未付"),
        _number(
            "late_share", "1", "Late share", "逾期占比", "late_invoices / invoices; null: none", "逾期账单/账单数；无账单为空"
        ),
        _number(
            "mean_late_days", "d", "Mean delay", "平均逾期", "Mean late_days of the late invoices; null: none late",
            "逾期账单的平均逾期天数；无逾期为空",
        ),
        _number("overdue_yuan", "yuan", "Overdue amount", "逾期未付金额", "Yuan past due and not paid", "逾期未付的金额"),
        _number(
            "coverage_share", "1", "Data coverage", "计量覆盖率",
            "Measured share of the customer's actual tonnes before the as-of date; null without actuals",
            "截止日前实绩中计量数据的占比；无实绩为空",
        ),
    ),
)  # fmt: skip

ATTRIBUTE_COLUMNS: tuple[Column, ...] = (
    _number(
        "capacity_t", "t", "Storage capacity", "储存能力", "From the archive; else the safe fill on the first day",
        "取自客户档案；未填为首日安全库容",
    ),
    _number(
        "processing_capacity_t_per_year", "t/a", "Processing capacity", "加工能力", "From the archive; null: not stated",
        "取自客户档案；未填为空",
    ),
    Column(
        "attractiveness", "name", "", "Attractiveness", "吸引力", "From the archive; null: not stated", "取自客户档案；未填为空",
        domain="attractiveness", values=dict(ATTRACTIVENESS),
    ),
    Column(
        "potential", "name", "", "Potential", "潜力", "Of sales volume, from the archive; null: not stated",
        "销售量潜力，取自客户档案；未填为空", domain="potential", values=dict(POTENTIALS),
    ),
    Column(
        "relationship", "name", "", "Relationship", "相互关系", "From the archive; null: not stated", "取自客户档案；未填为空",
        domain="relationship", values=dict(RELATIONSHIPS),
    ),
    _text("customer_manager", "Account manager", "客户经理", "From the archive; empty: not stated", "取自客户档案"),
    _number(
        "visit_every_months", "month", "Visit every", "走访间隔",
        "Longest time between visits, from the archive; null: not stated",
        "两次走访的最长间隔月数，取自客户档案；未填为空",
    ),
    _text("region_en", "Region", "地区（英文）", "Region in English, from the archive", "地区英文名，取自客户档案"),
    _text("region_zh", "Region (zh)", "地区", "Region in Chinese, from the archive", "地区中文名，取自客户档案"),
)  # fmt: skip

SERVICE_TABLES: tuple[Table, ...] = (_CUSTOMER_SERVICE, _VISITS, _COMPLAINTS, _SURVEYS, _INVOICES, _WORK_ORDER_LOG)
