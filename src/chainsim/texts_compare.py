"""The texts of ``chainsim compare`` and ``chainsim batch``, in English and Chinese; part of ``chainsim.texts.TEXTS``."""

from __future__ import annotations

COMPARE_TEXTS: dict[str, tuple[str, str]] = {
    # --- compare
    "help.compare": (
        "Show what differs between runs, and why. Each SCENARIO is run; a folder of an earlier run is read as it is.",
        "列出各运行的差异及原因。情景将被运行；已有结果的文件夹直接读取。",
    ),
    "help.compare.out": (
        "Folder for the tables of differences (Parquet, CSV).",
        "差异表目录（Parquet、CSV）。",
    ),
    "stage.compare": ("comparing", "比较"),
    "compare.kpis": (
        "Key figures, largest difference first; in brackets the difference from {name}",
        "关键指标（差异大者在前）；括号内为与 {name} 之差",
    ),
    "compare.causes": (
        "Why deliveries changed from {name}, t; the causes add up",
        "完成量相对 {name} 变化的原因，t；各项之和等于总变化",
    ),
    "compare.customers": ("Completion by customer, largest difference first", "分客户完成率（差异大者在前）"),
    "compare.stocks": ("Tanks and curtailment", "库存与限产"),
    "compare.findings": ("Findings of {name}: {counts}", "{name} 的预警：{counts}"),
    "compare.inputs": ("Inputs that differ", "不同的输入"),
    "compare.alike": ("{count} more differ little or not at all", "另有 {count} 项无差异或差异很小"),
    "compare.more": ("{count} more differ; --out DIR writes all", "另有 {count} 项不同；用 --out 目录 可全部写出"),
    "compare.no_differences": ("nothing differs", "无差异"),
    "compare.two": ("compare asks for two or more", "至少需要两个"),
    "compare.neither": (
        "the folder holds neither a scenario nor the tables of a run",
        "文件夹中既没有情景，也没有运行结果",
    ),
    "compare.neither.accepted": (
        "a folder with scenario.yaml, or one that chainsim run wrote",
        "含 scenario.yaml 的文件夹，或 chainsim run 写出的文件夹",
    ),
    "compare.other_version": (
        "made by chainsim {other}, the first by {own}: part of the difference may be chainsim's",
        "由 chainsim {other} 生成，基准由 {own} 生成：部分差异可能来自程序版本",
    ),
    "compare.other_rules": (
        "other rules than the first run's were applied: findings may differ for that alone",
        "所用规则与基准不同：预警差异可能仅由规则引起",
    ),
    "compare.written": ("tables of differences: {folder}", "差异表：{folder}"),
    "compare.deliveries": ("Deliveries", "完成量"),
    "compare.because": ("Because of", "原因"),
    "compare.new_figure": ("What", "项目"),
    "compare.where": ("Where", "对象"),
    "compare.value": ("Value", "输入项"),
    "compare.change": ("Change", "变化"),
    "compare.absent": ("none", "无"),
    "compare.part": ("{tonnes:+,.0f} t {cause} ({asset})", "因{cause}（{asset}）{tonnes:+,.0f} t"),
    "compare.part.own": ("{tonnes:+,.0f} t {cause}", "因{cause} {tonnes:+,.0f} t"),
    "compare.count": ("{count} {change}", "{change} {count} 条"),
    "compare.title": ("Comparison with {name}", "与 {name} 比较"),
    # --- batch
    "help.batch": (
        "Run every scenario of some folders, for CI. Each is judged by the rules and against a baseline.",
        "运行文件夹中的全部情景（供 CI 使用），按规则及基准逐一评判。",
    ),
    "help.batch.out": ("Folder for each scenario's result tables: DIR/NAME.", "各情景结果表目录：目录/情景名。"),
    "help.batch.junit": (
        "Write JUnit XML: a case for each scenario and rule, and for each tolerance.",
        "写出 JUnit XML：每个情景的每条规则、每项允许偏差各一个用例。",
    ),
    "help.batch.summary": (
        "Write a page of Markdown, for the summary of a CI job.",
        "写出 Markdown 摘要（供 CI 显示）。",
    ),
    "help.batch.baseline": (
        "Compare with the runs in this folder; what is worse beyond the tolerances fails.",
        "与此文件夹中的运行比较；超出允许偏差的变差即为失败。",
    ),
    "help.batch.save": ("Write what a later batch compares with.", "写出供以后比较的基准。"),
    "help.batch.tolerances": (
        "YAML file of tolerances; default: tolerances.yaml in the baseline, else those built in.",
        "允许偏差文件（YAML）；默认取基准中的 tolerances.yaml，否则用内置值。",
    ),
    "help.batch.workers": (
        "How many run at once; default: as many as there are processors. The outcome does not depend on it.",
        "同时运行的个数；默认等于处理器数。结果与此无关。",
    ),
    "help.batch.keep_going": (
        "Run the scenarios that can be read although others cannot.",
        "即使有情景无法读取，仍运行其余情景。",
    ),
    "stage.batch": ("running scenarios", "运行情景"),
    "batch.title": ("{count} scenarios", "情景 {count} 个"),
    "batch.alike": ("'{name}' is also the name of {other}", "“{name}”也是 {other} 的名称"),
    "batch.crashed": (
        "the process that ran it ended abruptly (out of memory?)",
        "运行它的进程意外终止（内存不足？）",
    ),
    "batch.result": ("Result", "结果"),
    "batch.ok": ("ok", "正常"),
    "batch.failed": ("failed", "失败"),
    "batch.findings": ("findings", "有预警"),
    "batch.worse": ("worse: {count}", "变差 {count} 项"),
    "batch.new": ("new", "新增"),
    "batch.regressions": ("Worse than the baseline beyond the tolerances", "较基准变差并超出允许偏差"),
    "batch.failures": ("Scenarios that failed", "失败的情景"),
    "batch.inputs": ("Inputs of {name} that differ from the baseline's", "{name} 与基准不同的输入"),
    "batch.told": ("Findings of {name}", "{name} 的预警"),
    "batch.what": ("What", "项目"),
    "batch.why": ("Why", "原因"),
    "batch.baseline": ("Baseline", "基准"),
    "batch.now": ("Now", "现在"),
    "batch.is_new": ("{name}: not in the baseline; nothing to compare with", "{name}：基准中没有，无从比较"),
    "batch.is_gone": ("{name}: in the baseline, and no longer among the scenarios", "{name}：基准中有，现已不在情景中"),
    "batch.passed_over": (
        "not a scenario, passed over (no extends, no start)",
        "不是情景（无 extends、无 start），已略过",
    ),
    "batch.saved": ("baseline: {folder}", "基准已写入：{folder}"),
    "batch.not_saved": (
        "the baseline was not saved: {count} scenario(s) failed",
        "基准未保存：有 {count} 个情景失败",
    ),
    "batch.worse.completion_points": (
        "{subject}: completion {before:.1%} → {after:.1%} ({change:+.1f} points, {tolerance:g} allowed)",
        "{subject}：完成率 {before:.1%} → {after:.1%}（{change:+.1f} 百分点，允许 {tolerance:g}）",
    ),
    "batch.worse.curtailed_t": (
        "curtailed {before:,.0f} → {after:,.0f} t ({change:+,.0f} t, {tolerance:,.0f} allowed)",
        "限产 {before:,.0f} → {after:,.0f} t（{change:+,.0f} t，允许 {tolerance:,.0f}）",
    ),
    "batch.worse.days_full": (
        "{subject}: tanks full {before:.1f} → {after:.1f} days ({change:+.1f}, {tolerance:g} allowed)",
        "{subject}：胀库 {before:.1f} → {after:.1f} 天（{change:+.1f}，允许 {tolerance:g}）",
    ),
    "batch.worse.new_errors": (
        "{after:.0f} new finding(s) that are errors ({tolerance:.0f} allowed)",
        "新增严重预警 {after:.0f} 条（允许 {tolerance:.0f}）",
    ),
    "batch.worse.new_warnings": (
        "{after:.0f} new warning(s) ({tolerance:.0f} allowed)",
        "新增警告 {after:.0f} 条（允许 {tolerance:.0f}）",
    ),
    "batch.whole": ("the whole network", "全网"),
    "batch.lost": ("{tonnes:+,.0f} t lost to {cause} ({asset})", "{cause}（{asset}）欠量 {tonnes:+,.0f} t"),
    "batch.lost.own": ("{tonnes:+,.0f} t lost to {cause}", "{cause}欠量 {tonnes:+,.0f} t"),
    "batch.meanwhile": ("meanwhile {told}", "同时{told}"),
    "batch.at": ("{tonnes:+,.0f} t at {asset}", "{asset}限产 {tonnes:+,.0f} t"),
    "batch.more_findings": ("{first} (and {count} more)", "{first}（另有 {count} 条）"),
    "batch.values": ("values: {values}", "取值：{values}"),
    "batch.cause": ("cause: {cause}", "原因：{cause}"),
    "batch.action": ("action: {action}", "措施：{action}"),
    "batch.error": ("this scenario gave no result", "此情景没有结果"),
}
