"""The texts of ``chainsim resilience``; part of ``chainsim.texts``, once, in English and Chinese."""

from __future__ import annotations

RESILIENCE_TEXTS: dict[str, tuple[str, str]] = {
    # --- help
    "help.resilience": (
        "Take every asset out in turn: how long all survive, how long they take to recover, and what it costs.",
        "逐一停运各设施：可支撑多久、多久恢复、损失多少。",
    ),
    "help.resilience.from": (
        "The day on which the outage begins, e.g. 2008-07-15; may be repeated. Default: the as-of date, else the second month.",
        "停运起始日期，如 2008-07-15，可重复；默认为截止日，否则为第二个月首日。",
    ),
    "help.resilience.asset": (
        "Only this asset, by name or label; may be repeated.",
        "只停此设施（代号或名称），可重复。",
    ),
    "help.resilience.days": (
        "Length of the outage whose cost and recovery are told; default 7.",
        "计算损失与恢复时间所用的停运天数，默认 7。",
    ),
    "help.resilience.longest": ("Try no outage longer than this; default 60 days.", "所试最长停运天数，默认 60。"),
    "help.resilience.precision": ("Step of the durations tried; default 1 day.", "停运天数的步长，默认 1 天。"),
    "help.resilience.tolerance": (
        "Hours of a customer's plan or runs, or of a field's production, that may be missed; default 24.",
        "容差：相当于客户计划、加工量或油田产量的小时数，默认 24。",
    ),
    "help.resilience.band": (
        "How near a farm's stock must be to what it would have been, in % of its working room; default 5.",
        "库存视为恢复的允差，占工作库容的百分比，默认 5。",
    ),
    "help.resilience.thorough": (
        "Try every duration instead of halving; several times slower.",
        "逐一试算每个停运天数而不用二分，慢数倍。",
    ),
    "help.resilience.workers": (
        "How many processes share the work; default as many as there are processors.",
        "并行进程数，默认等于处理器数。",
    ),
    "help.resilience.out": ("Folder for the tables and the map.", "结果表与示意图目录。"),
    "help.resilience.quiet": ("No progress and no tables: the headline only.", "不显示进度与表格，只显示结论。"),
    # --- what was asked wrongly
    "resilience.ask.unknown": ("there is no such asset that can be out", "没有此可停运设施"),
    "resilience.ask.outside": ("lies outside the run", "不在模拟期内"),
    "resilience.ask.amount": ("is too small", "数值过小"),
    # --- what is told
    "stage.scan": ("taking assets out", "逐一停运"),
    "resilience.title": ("{title} · out from {start}", "{title} · 自 {start} 停运"),
    "resilience.gravest": (
        "Hurts most: {asset}; {days:g} days out leave {tonnes:,.0f} t short of plan",
        "损失最重：{asset}，停 {days:g} 天欠量 {tonnes:,.0f} t",
    ),
    "resilience.harmless": (
        "No asset's outage of {days:g} days leaves a customer short of plan",
        "任一设施停 {days:g} 天均不致客户欠量",
    ),
    "resilience.soonest": (
        "Survived shortest: {asset}; more than {days:g} days out, and {what} ({whom})",
        "支撑最短：{asset}，停运超过 {days:g} 天即{what}（{whom}）",
    ),
    "resilience.soonest.plan": ("a plan falls short", "欠量"),
    "resilience.soonest.runs": ("runs are cut", "降负荷"),
    "resilience.soonest.tank": ("tanks are full or a field is curtailed", "胀库或限产"),
    "resilience.endured": (
        "Every outage of up to {days:g} days is survived",
        "停运 {days:g} 天以内均可支撑",
    ),
    "resilience.table": (
        "Days survived, and who is first; cost of {days:g} days out, and days from the repair until all is as without it",
        "可支撑天数及首个受影响者；停 {days:g} 天的损失与修复后恢复天数",
    ),
    "column.resilience_asset": ("Out", "停运设施"),
    "column.resilience_plan": ("Plans", "计划"),
    "column.resilience_runs": ("Runs", "加工"),
    "column.resilience_tank": ("Tanks", "库容"),
    "column.resilience_short": ("Short, t", "欠量 t"),
    "column.resilience_unprocessed": ("Not run, t", "少加工 t"),
    "column.resilience_curtailed": ("Curtailed, t", "限产 t"),
    "column.resilience_backlog": ("Backlog", "欠交恢复"),
    "column.resilience_stocks": ("Stocks", "库存恢复"),
    "column.resilience_index": ("Index", "指数"),
    "resilience.unmoved": (
        "{count} more do nothing within {days:g} days",
        "另有 {count} 个设施停运 {days:g} 天以内无影响",
    ),
    "resilience.never": ("never", "期内未"),
    "resilience.legend": (
        "> {longest:g}: longer than any outage tried; never: not within the run",
        "> {longest:g}：超过所试最长天数；期内未：模拟期内未恢复",
    ),
    "resilience.unsettled": (
        "the outage of {asset} was left out: {reason}",
        "未计 {asset} 停运：{reason}",
    ),
    "resilience.map": ("Risk exposure, {days:g} days out from {start}", "风险暴露指数，自 {start} 停运 {days:g} 天"),
    "resilience.map_written": ("map: {file}", "示意图：{file}"),
}
"""Key → (English, Chinese)."""
