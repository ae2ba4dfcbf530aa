"""The words of the documents, in Chinese as these offices write them, and in English."""

from __future__ import annotations

PAPER_TEXTS: dict[str, tuple[str, str]] = {
    # --- of all
    "stop": ("; ", "；"),
    "comma": (", ", "、"),
    "none": ("none", "无"),
    "total": ("Total", "合计"),
    "no": ("No.", "序号"),
    "customer": ("Customer", "客户"),
    "grade": ("Grade", "油种"),
    "period": ("Period", "期间"),
    "date": ("Date", "日期"),
    "drafted": ("Drafted", "拟稿"),
    "checked": ("Checked", "审核"),
    "approved": ("Approved", "签发"),
    "copies": ("Copies to: {names}", "抄送：{names}"),
    "to": ("To: {names}", "{names}："),
    # --- the adjustment order
    "order.title": ("Adjustment order to the crude supply plan", "原油调运计划调整令"),
    "order.number": ("No. {number}", "调整令 {number} 号"),
    "order.draft": ("Draft, not in force before it is approved", "草稿，批准后执行"),
    "order.basis": ("1. Basis", "一、调整依据"),
    "order.basis_text": (
        "By the directive crude supply plan from {start} to {end} and its execution up to {effective}. {reason}",
        "依据{start}至{end}原油调运计划及截至{effective}的执行情况。{reason}",
    ),
    "order.lines": ("2. Lines adjusted", "二、调整内容"),
    "order.lines_text": (
        (
            "From {effective} on, the lines below hold in place of the plan in force; all others stay as they are. "
            "{count} lines of {customers} customers; together {before} t become {after} t ({change} t)."
        ),
        (
            "自{effective}起，下列计划按调整后数量执行，其余仍按原计划执行。共调整 {customers} 家客户 {count} 项，"
            "合计由 {before} 吨调整为 {after} 吨（{change} 吨）。"
        ),
    ),
    "order.before": ("Plan in force (t)", "原计划（吨）"),
    "order.after": ("Adjusted (t)", "调整后（吨）"),
    "order.change": ("Change (t)", "增减（吨）"),
    "order.why": ("Reason", "理由"),
    "order.effect": ("3. Effect, as simulated", "三、调整效果（模拟测算）"),
    "order.effect_text": (
        "Without and with this order, over {start} to {end}:",
        "{start}至{end}，不调整与按本令调整的测算结果对比：",
    ),
    "order.delivered": ("Delivered before → after (t)", "完成量 调整前→后（吨）"),
    "order.completion": ("Completion of the plan before, before → after", "对原计划完成率 调整前→后"),
    "order.no_effect": (
        "No customer’s completion changes by 0.1 points or more.",
        "各客户完成率变化均不足 0.1 个百分点。",
    ),
    "order.demand": ("4. To be done", "四、执行要求"),
    "order.demand_text": (
        "All units arrange production, transport, loading and receipt accordingly and report at once what stands against it.",
        "请各有关单位据此组织生产、输送、装车和接收，执行中遇有问题及时报告。",
    ),
    # --- the bulletin
    "bulletin.title": ("Crude supply bulletin, {month}", "{month}原油运销情况通报"),
    "bulletin.number": ("No. {month} of {year}", "{year}年第{month}期"),
    "bulletin.plan": ("1. Execution of the plan", "一、计划执行情况"),
    "bulletin.plan_text": (
        "Plan {plan} t, delivered {delivered} t, completion {completion}; since the beginning of the period {cumulative}.",
        "本月计划 {plan} 吨，完成 {delivered} 吨，完成率 {completion}；自推演期初累计完成率 {cumulative}。",
    ),
    "bulletin.plan_t": ("Plan (t)", "计划（吨）"),
    "bulletin.delivered_t": ("Delivered (t)", "完成（吨）"),
    "bulletin.completion": ("Completion", "完成率"),
    "bulletin.cumulative": ("Cumulative completion", "累计完成率"),
    "bulletin.short": ("Short of plan, and why: {causes}.", "欠量及原因：{causes}。"),
    "bulletin.cause": ("{cause} {tonnes} t ({asset})", "{cause} {tonnes} 吨（{asset}）"),
    "bulletin.not_short": ("No shortfall this month.", "本月无欠量。"),
    "bulletin.transport": ("2. Transport and arrivals", "二、运输与到货"),
    "bulletin.trains": (
        "By rail {count} trains, {tonnes} t loaded, on average {days} d late.",
        "铁路装车 {count} 列、{tonnes} 吨，平均晚点 {days} 天。",
    ),
    "bulletin.line": ("By pipeline {tonnes} t arrived.", "管道到厂 {tonnes} 吨。"),
    "bulletin.tens": ("By ten-day periods: {tens} t.", "上、中、下旬分别完成 {tens} 吨。"),
    "bulletin.stock": ("3. Stock", "三、库存"),
    "bulletin.stock_text": (
        "At the end of the month {stock} t in the tanks, {share} of the safe fill{days}.",
        "月末库存 {stock} 吨，为安全库容的 {share}{days}。",
    ),
    "bulletin.stock_days": (", {days:.1f} days of use", "，可用 {days:.1f} 天"),
    "bulletin.prices": ("4. Prices", "四、价格"),
    "bulletin.price": ("{grade} {price} yuan/t ({change})", "{grade} {price} 元/吨（{change}）"),
    "bulletin.price_same": ("unchanged", "未调整"),
    "bulletin.price_moved": ("{change} against the month before", "较上月{change}"),
    "bulletin.next": ("5. Plan of the next month", "五、下月计划"),
    "bulletin.next_none": ("The period ends with this month.", "推演期至本月止。"),
    "bulletin.events": ("6. Outages and limits", "六、停输、检修与限制"),
    "bulletin.event": (
        "{asset}: {start} to {end}, {remaining} remains ({cause})",
        "{asset}：{start}至{end}，剩余能力 {remaining}（{cause}）",
    ),
    "bulletin.events_none": ("None known for this month and the next.", "本月及下月无已知停输、检修与限制。"),
    # --- feedback
    "feedback.title": ("Customer feedback handling form", "顾客意见反馈处理表"),
    "feedback.number": ("Number", "编号"),
    "feedback.received": ("Received on", "接收日期"),
    "feedback.channel": ("Channel", "反馈方式"),
    "feedback.channels": ("□ telephone  □ fax  □ letter  □ meeting  □ visit", "□电话　□传真　□函件　□会议　□走访"),
    "feedback.kind": ("Kind", "意见类别"),
    "feedback.text": ("What the customer says", "意见内容"),
    "feedback.unit": ("Responsible unit", "责任单位"),
    "feedback.why": ("Analysis of the cause", "原因分析"),
    "feedback.result": ("Handling and result", "处理措施及结果"),
    "feedback.answered": ("Answered on", "答复日期"),
    "feedback.closed": ("Closed on", "办结日期"),
    "feedback.days": ("Days to the answer", "答复用时（天）"),
    "feedback.state": ("State", "状态"),
    "feedback.confirmed": ("Customer’s confirmation", "顾客确认"),
    "feedback.prevent": ("Corrective and preventive action", "纠正和预防措施"),
    "feedback.handled_by": ("Handled by", "经办人"),
    "feedback.reviewed_by": ("Reviewed by", "审核人"),
    "feedback.date_blank": ("Date:", "年　　月　　日"),
    "summary.title": (
        "Customer feedback of {year}: summary, corrective and preventive action",
        "{year}年度顾客意见反馈处理总结及纠正和预防措施",
    ),
    "summary.overview": ("1. Overview", "一、总体情况"),
    "summary.overview_text": (
        (
            "{count} items received in {year} from {customers} customers: {answered} answered, on average after {days} days; "
            "{closed} closed, {open} open on {on}."
        ),
        (
            "{year}年共接收 {customers} 家客户意见 {count} 项，已答复 {answered} 项，平均答复用时 {days} 天；"
            "截至{on}办结 {closed} 项，未办结 {open} 项。"
        ),
    ),
    "summary.none": ("No feedback was received in {year}.", "{year}年未接收顾客意见。"),
    "summary.by_kind": ("Feedback by kind", "分类统计"),
    "summary.by_customer": ("Feedback by customer", "分客户统计"),
    "summary.items": ("2. The items", "二、意见及处理结果"),
    "summary.open": ("3. What is open", "三、尚未办结的意见"),
    "summary.open_none": ("Everything is closed with an answer and a result.", "全部意见均有答复、有结果，已办结。"),
    "summary.open_item": (
        "{number} {customer} ({kind}): {text}; open for {days} days",
        "{number} {customer}（{kind}）：{text}；已 {days} 天",
    ),
    "summary.measures": ("4. Corrective and preventive action for {year}", "四、{year}年纠正和预防措施"),
    "summary.measures_text": (
        "The kinds that came up are the basis of next year’s measures; measures, units and dates are to be filled in.",
        "以下按意见类别列出下一年度纠正和预防措施，措施、责任单位和完成时限由责任单位填写。",
    ),
    "summary.received": ("Received", "接收"),
    "summary.answered": ("Answered", "已答复"),
    "summary.closed": ("Closed", "已办结"),
    "summary.open_count": ("Open", "未办结"),
    "summary.days": ("Mean days to answer", "平均答复天数"),
    "summary.found": ("Found in {year}", "{year}年发生"),
    "summary.measure": ("Measure", "措施"),
    "summary.due": ("By when", "完成时限"),
    "summary.times": ("{count} ×", "{count} 项"),
    # --- visits
    "plan.title": ("Plan of customer visits, {year}", "{year}年客户走访计划"),
    "plan.text": (
        "{count} visits to {customers} customers. Last visits and open questions are as of {on}.",
        "计划走访 {customers} 家客户 {count} 次。上次走访和待解决事项截至{on}。",
    ),
    "plan.planned": ("Planned", "计划日期"),
    "plan.class": ("Class", "类别"),
    "plan.purpose": ("Purpose", "走访目的"),
    "plan.visitor": ("Visitors", "走访人"),
    "plan.state": ("State", "状态"),
    "plan.ask": ("To speak about", "需沟通事项"),
    "plan.completion": ("completion {completion}", "完成率 {completion}"),
    "plan.complaints": ("{count} open complaint(s)", "未办结意见 {count} 项"),
    "plan.overdue": ("{yuan} yuan overdue", "逾期款 {yuan} 元"),
    "plan.none": ("No visits are planned in {year}.", "{year}年无走访计划。"),
    "visit.title": ("Report on a customer visit", "客户走访报告"),
    "visit.visited": ("Visited on", "走访日期"),
    "visit.reported": ("Reported on", "报告日期"),
    "visit.met": ("Spoken with", "对方人员"),
    "visit.facts": ("Execution so far", "计划执行情况"),
    "visit.facts_text": (
        "Up to {month}: plan {plan} t, delivered {delivered} t, completion {completion}; mainly short because of {cause}.",
        "截至{month}：计划 {plan} 吨，完成 {delivered} 吨，完成率 {completion}；主要欠量原因：{cause}。",
    ),
    "visit.open": ("Open questions", "待解决事项"),
    "visit.talked": ("What was spoken about", "走访情况"),
    "visit.wishes": ("The customer’s wishes and opinions", "客户需求与意见"),
    "visit.advice": ("Conclusions and advice", "结论与建议"),
    "visit.reviewed": ("Reviewed by the head of unit", "主管领导审阅意见"),
    # --- the four reports
    "four.title": ("Four customer reports", "客户四项报表"),
    "four.financial": ("Financial statistics", "客户财务统计"),
    "four.financial_note": (
        "Delivered tonnes at the prices in force, pipeline and rail tariffs, invoices and cash, over the run",
        "推演期内完成量、货款、运费、账单与资金",
    ),
    "four.credit": ("Credit analysis", "客户信用分析"),
    "four.credit_note": (
        "Age of what is unpaid on the last day; A: nothing late, B: late share up to 20 %, C: up to 50 % or overdue, D: worse",
        "未付款账龄截至最后一日；A：无逾期；B：逾期比例 ≤20%；C：≤50% 或有逾期未付；D：更差",
    ),
    "four.dynamics": ("Sales dynamics", "销售动态分析"),
    "four.dynamics_note": (
        "Delivered by month; the trend compares the last three months with the three before",
        "分月完成量；趋势为最近三个月与此前三个月之比",
    ),
    "four.complaints": ("Complaint analysis", "投诉事件分析"),
    "four.complaints_note": ("By customer and kind, as of the last day", "分客户分类别，截至最后一日"),
    "four.amount": ("Value of deliveries (yuan)", "货款（元）"),
    "four.tariff": ("Tariffs (yuan)", "运费（元）"),
    "four.price": ("Mean price (yuan/t)", "均价（元/吨）"),
    "four.invoiced": ("Invoiced (yuan)", "开票（元）"),
    "four.paid": ("Paid (yuan)", "已付（元）"),
    "four.overdue": ("Overdue (yuan)", "逾期（元）"),
    "four.cash": ("Cash on the last day (yuan)", "期末资金（元）"),
    "four.invoices": ("Invoices", "账单数"),
    "four.late": ("Late", "逾期数"),
    "four.late_share": ("Late share", "逾期比例"),
    "four.late_days": ("Mean days late", "平均逾期天数"),
    "four.age_30": ("≤ 30 d (yuan)", "30天内（元）"),
    "four.age_60": ("31–60 d (yuan)", "31–60天（元）"),
    "four.age_90": ("61–90 d (yuan)", "61–90天（元）"),
    "four.age_more": ("> 90 d (yuan)", "90天以上（元）"),
    "four.grade": ("Credit grade", "信用等级"),
    "four.trend": ("Trend", "趋势"),
    "four.chart": ("Delivered by month (t)", "分月完成量（吨）"),
    "file.order": ("order-{name}", "调整令-{name}"),
    "file.bulletin": ("bulletin-{name}", "运销情况通报-{name}"),
    "file.feedback": ("feedback-{name}", "意见反馈处理表-{name}"),
    "file.feedback-summary": ("feedback-summary-{name}", "意见反馈年度总结-{name}"),
    "file.visit-plan": ("visit-plan-{name}", "走访计划-{name}"),
    "file.visit-report": ("visit-report-{name}", "走访报告-{name}"),
    "file.reports": ("customer-reports-{name}", "客户四项报表-{name}"),
}
"""Key → (English, Chinese)."""


def say(lang: str, key: str, **values: object) -> str:
    """The text ``key`` in ``lang`` with its values filled in."""
    template = PAPER_TEXTS[key][lang == "zh"]
    return template.format(**values) if values else template
