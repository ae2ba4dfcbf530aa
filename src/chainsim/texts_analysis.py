"""Texts of the Python API and what it shows in notebooks, in English and Chinese; see ``chainsim.texts``."""

from __future__ import annotations

ANALYSIS_TEXTS: dict[str, tuple[str, str]] = {
    # --- mistakes
    "analysis.no_table": ("there is no table {name}", "没有表 {name}"),
    "analysis.nearest": ("; did you mean {name}?", "；是否想写 {name}？"),
    "analysis.unknown": ("no such name", "没有这个名称"),
    "analysis.no_day": ("not a day", "不是日期"),
    "analysis.picture_file": ("the file's ending says neither SVG nor PNG", "文件扩展名既非 SVG 也非 PNG"),
    "analysis.changed": (
        "the order would extend the scenario's files, and the study was changed since they were read: use apply()",
        "调整令须叠加于情景文件，而该情景读入后已有改动：请用 apply()",
    ),
    "analysis.no_order": ("no order does better than none", "任何调整令都不优于不调整"),
    # --- what is shown
    "analysis.head.table": ("Table", "表"),
    "analysis.head.title": ("Title", "名称"),
    "analysis.head.meaning": ("A row is", "每行含义"),
    "analysis.period": ("{start} to {end} · {path}", "{start} 至 {end} · {path}"),
    "analysis.customers": ("{count} customers", "客户 {count} 家"),
    "analysis.farms": ("{count} tank farms", "油库 {count} 座"),
    "analysis.pipelines": ("{count} pipelines", "管线 {count} 条"),
    "analysis.railways": ("{count} railways", "铁路 {count} 条"),
    "analysis.disruptions": ("{count} disruptions", "扰动 {count} 项"),
    "analysis.orders": ("{count} adjustment orders", "调整令 {count} 份"),
    "analysis.head.run": ("Run", "方案"),
    "analysis.head.customer": ("Customer", "客户"),
    "analysis.head.grade": ("Grade", "油种"),
    "analysis.head.month": ("Month", "月份"),
    "analysis.head.plan_t": ("Plan, t", "计划量，t"),
    "analysis.head.delivered_t": ("Delivered, t", "完成量，t"),
    "analysis.head.completion": ("Completion", "完成率"),
    "analysis.head.main_cause": ("Main cause", "主要原因"),
    "analysis.head.cause": ("Cause", "原因"),
    "analysis.head.asset": ("Asset", "设施"),
    "analysis.head.change_t": ("Effect on deliveries, t", "对完成量的影响，t"),
    "analysis.head.before_t": ("Before, t", "调整前，t"),
    "analysis.head.after_t": ("After, t", "调整后，t"),
    "analysis.head.why": ("Why", "理由"),
    "analysis.head.without": ("without the order", "无调整令"),
    "analysis.head.with": ("with the order", "有调整令"),
    "analysis.comparison": ("Comparison", "方案对比"),
    "analysis.against": (
        "{run} against {first}: {change:+,.0f} t delivered, completion {before:.1%} → {after:.1%}",
        "{run} 与 {first} 相比：完成量 {change:+,.0f} t，完成率 {before:.1%} → {after:.1%}",
    ),
    "analysis.proposal": ("Draft adjustment order", "调整令草案"),
    "analysis.proposal_of": ("Draft adjustment order {number}", "调整令草案 {number}"),
    "analysis.proven": ("Simulated: {customers}", "推演验证：{customers}"),
    "analysis.more_lines": ("{count} more lines in .order", "另有 {count} 行，见 .order"),
    "analysis.runs": (
        "{variants} variants × {fates} fates = {runs} runs",
        "{variants} 个变体 × {fates} 次重复 = {runs} 次运行",
    ),
    "analysis.factors": ("factors: {factors}", "因素：{factors}"),
    "analysis.answers": ("{runs} runs, {failed} failed", "运行 {runs} 次，失败 {failed} 次"),
}
"""Key → (English, Chinese)."""
