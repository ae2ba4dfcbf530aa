"""Every fixed text that a planner reads on a terminal or in a finding, once, in English and Chinese."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from chainsim.texts_analysis import ANALYSIS_TEXTS
from chainsim.texts_charts import CHART_TEXTS
from chainsim.texts_compare import COMPARE_TEXTS
from chainsim.texts_experiments import EXPERIMENT_TEXTS
from chainsim.texts_forms import FORM_TEXTS
from chainsim.texts_limits import LIMIT_TEXTS
from chainsim.texts_orders import ORDER_TEXTS
from chainsim.texts_page import PAGE_TEXTS
from chainsim.texts_page_analyses import ANALYSES_TEXTS
from chainsim.texts_report import REPORT_TEXTS
from chainsim.texts_resilience import RESILIENCE_TEXTS

Language = Literal["en", "zh"]

TEXTS: dict[str, tuple[str, str]] = {
    # --- help
    "help.chainsim": (
        "Rehearse crude supply through pipelines, tank farms and rail: who falls short, by how much, because of what.",
        "预演原油经管道、油库和铁路的调运：谁欠量、欠多少、因何而欠。",
    ),
    "help.run": ("Simulate SCENARIO, write its tables and show who falls short.", "模拟情景，写出结果表并显示欠量。"),
    "help.check": (
        "Read SCENARIO and the rules, and tell everything wrong with them.",
        "检查情景与规则，一次列出全部问题。",
    ),
    "help.new": (
        "Write a small, documented scenario that runs into DIRECTORY.",
        "在目录中写一个可运行的带说明小情景。",
    ),
    "help.schema": (
        "Print the JSON Schema of scenario.yaml, for editors.",
        "输出 scenario.yaml 的 JSON Schema（供编辑器用）。",
    ),
    "help.compile": (
        "Make machine code of the engine, once: runs take about half the time, with the same results.",
        "把计算引擎编译成机器码（只需一次）：运行时间约减半，结果不变。",
    ),
    "help.compile.remove": ("remove it again; the sources run", "删除编译结果，恢复由源代码运行"),
    "compile.begun": (
        "compiling the engine; this takes about a minute …",
        "正在编译计算引擎，约需一分钟……",
    ),
    "compile.done": (
        "the engine is compiled and is used from now on; when chainsim changes, its sources run until it is compiled again",
        "计算引擎已编译，从现在起使用；chainsim 更新后先由源代码运行，直到重新编译",
    ),
    "compile.removed": ("the compiled engine is removed", "已删除编译的计算引擎"),
    "compile.none": ("there is no compiled engine", "没有编译的计算引擎"),
    "compile.not_installed": (
        "compiling needs chainsim's extra “compile”: pip install 'chainsim[compile]'; in a checkout: ./go compile",
        "编译需要安装扩展 compile：pip install 'chainsim[compile]'；在源代码目录中：./go compile",
    ),
    "compile.failed": (
        (
            "the engine could not be compiled (the compiler's last words are above); nothing has changed, the sources run. "
            "It takes a C compiler and Python's headers: on Debian and Ubuntu apt install gcc python3-dev, on macOS "
            "xcode-select --install, on Windows the Visual Studio Build Tools"
        ),
        (
            "计算引擎未能编译（编译器最后的输出见上）；一切照旧，仍由源代码运行。编译需要 C 编译器和 Python 头文件："
            "Debian、Ubuntu 上 apt install gcc python3-dev，macOS 上 xcode-select --install，Windows 上安装 "
            "Visual Studio Build Tools"
        ),
    ),
    "help.group.rules": (
        "Check, test, list and explain rules; ask them of earlier runs.",
        "检查、测试、列出、解释规则，或对已有结果执行规则。",
    ),
    "help.rules.check": (
        "Check the rule files of DIRECTORY. Everything wrong with them is told at once. Default: those shipped.",
        "检查目录中的规则文件（默认随附规则），一次列出全部问题。",
    ),
    "help.rules.test": (
        "Run the rules' own tests. They stand in the rule files of DIRECTORY; default: those shipped.",
        "执行目录中规则文件自带的测试（默认随附规则）。",
    ),
    "help.rules.list": (
        "List the rules of DIRECTORY. Default: those shipped.",
        "列出目录中的规则（默认随附规则）。",
    ),
    "help.rules.explain": (
        "Show why a rule fired, or did not. Every value its condition read, in an earlier run (by default the last).",
        "说明规则为何触发或未触发：条件及其读取的每个数值。默认用 results/ 下最近一次的结果。",
    ),
    "help.rules.eval": (
        "Apply rules to earlier runs. FOLDER holds the tables of one run, or folders of runs somewhere below.",
        "对文件夹（或其下每个运行文件夹）中的结果表执行规则。",
    ),
    "help.rules.schema": (
        "Print the JSON Schema of rule files, for editors.",
        "输出规则文件的 JSON Schema（供编辑器用）。",
    ),
    "help.as_json": ("Print one JSON object.", "输出一个 JSON 对象。"),
    "help.junit": ("Also write JUnit XML to this file.", "同时写出 JUnit XML。"),
    "help.summary": ("Also write a Markdown summary to this file.", "同时写出 Markdown 摘要。"),
    "help.eval.out": (
        "Write all findings to this file (.parquet or .csv).",
        "将全部预警写入此文件（.parquet 或 .csv）。",
    ),
    "help.explain.scenario": ("Simulate this scenario and explain its findings.", "模拟此情景并解释。"),
    "help.explain.run": ("Folder with the tables of an earlier run.", "已有结果表所在文件夹。"),
    "help.customer": ("Which customer, by name or label.", "客户（代号或名称）。"),
    "help.asset": (
        "Which tank farm, line, railway or field, by name or label.",
        "油库、管线、铁路或油源（代号或名称）。",
    ),
    "help.grade": ("Which crude.", "原油品种。"),
    "help.period": (
        "Which period: 2008, 2008-07, 2008-07-2 (ten days), 2008-07-15; default: where it fired.",
        "周期：2008、2008-07、2008-07-2（中旬）、2008-07-15；默认为触发之处。",
    ),
    "help.no_progress": ("No progress.", "不显示进度。"),
    "help.out": ("Folder for the result tables; default results/NAME.", "结果表目录；默认 results/情景名。"),
    "help.xlsx": ("Also write a workbook to this file.", "同时写出工作簿。"),
    "help.lang": (
        "Language of what is shown; default from LC_ALL, LC_MESSAGES or LANG.",
        "显示语言；默认取自环境变量。",
    ),
    "help.json": ("Same as --format json.", "即 --format json。"),
    "help.format": ("How to print the results.", "结果输出格式。"),
    "help.fail_on": (
        "Exit with 1 if a finding is this grave or graver; default never.",
        "有达到该级别的预警时以 1 退出；默认 never（从不）。",
    ),
    "help.rules": ("Folder of rule files instead of those shipped.", "改用此目录中的规则文件。"),
    "help.seed": ("Seed of the random disruptions instead of the scenario's.", "改用此随机种子。"),
    "help.as_of": ("Begin on this date, from the scenario's actuals.", "自该日起，从实绩开始模拟。"),
    "help.quiet": ("No progress and no tables: findings only.", "不显示进度与表格，只列预警。"),
    "help.debug": ("Show Python's traceback if chainsim itself fails.", "程序内部出错时显示回溯。"),
    # --- progress
    "stage.read": ("reading", "读取"),
    "stage.simulate": ("simulating", "模拟"),
    "stage.tables": ("making tables", "制表"),
    "stage.rules": ("applying rules", "执行规则"),
    "stage.write": ("writing", "写出"),
    "stage.tests": ("testing rules", "测试规则"),
    "stage.explain": ("explaining", "解释"),
    "progress": ("{stage} … {seconds:.0f} s", "{stage}…… {seconds:.0f} 秒"),
    # --- run
    "headline": (
        "Delivered {delivered:,.0f} t of {plan:,.0f} t planned: completion {completion:.1%}; short {shortfall:,.0f} t",
        "计划 {plan:,.0f} t，完成 {delivered:,.0f} t，完成率 {completion:.1%}；欠量 {shortfall:,.0f} t",
    ),
    "headline.no_plan": (
        "Delivered {delivered:,.0f} t; no plan in this horizon",
        "完成 {delivered:,.0f} t；期内无计划",
    ),
    "by_class": ("By class: {parts}", "分类别：{parts}"),
    "worst": ("Furthest behind: {parts}", "完成最差：{parts}"),
    "horizon": ("{title} · {start} to {end} · seed {seed}", "{title} · {start} 至 {end} · 种子 {seed}"),
    "title.completion": ("Completion by customer and month, %", "分客户分月计划完成率，%"),
    "title.shortfalls": ("Shortfall by cause", "欠量原因"),
    "title.tanks": ("Tank farms", "油库"),
    "title.curtailment": ("Intake curtailed", "限产"),
    "title.findings": ("Findings", "预警"),
    "column.customer": ("Customer", "客户"),
    "column.class": ("Class", "类别"),
    "column.to_date": ("Total", "累计"),
    "column.cause": ("Cause", "原因"),
    "column.asset": ("Asset", "设施"),
    "column.tonnes": ("Tonnes", "数量 t"),
    "column.share": ("Share", "占比"),
    "column.customers": ("Customers", "客户数"),
    "column.farm": ("Farm", "油库"),
    "column.highest": ("Highest use", "最高利用率"),
    "column.first_full": ("First full", "首次胀库"),
    "column.first_empty": ("First at heel", "首次见底"),
    "column.supplier": ("Supplier", "油源"),
    "column.days": ("Days", "天数"),
    "column.severity": ("Level", "级别"),
    "column.when": ("When", "时间"),
    "column.finding": ("Finding", "说明"),
    "column.figure": ("Figure", "指标"),
    "column.rule": ("Rule", "规则"),
    "column.findings": ("Findings", "预警"),
    "column.runs": ("Runs", "运行数"),
    "column.run": ("Run", "运行"),
    "column.unknown": ("Unknown rows", "未知行数"),
    "column.scenario": ("Scenario", "情景"),
    "legend": (
        "green ≥ 98, yellow 95–98, orange 90–95, red < 90, blue > 105, – no plan, * unplanned",
        "绿 ≥98，黄 95–98，橙 90–95，红 <90，蓝 >105，– 无计划，* 计划外",
    ),
    "none.shortfalls": ("Nobody falls short.", "无欠量。"),
    "none.curtailment": ("No intake was curtailed.", "无限产。"),
    "none.findings": ("No rule fired.", "无预警。"),
    "more.lines": ("… and {count} more.", "……另有 {count} 条。"),
    "more": ("… and {count} more in {place}", "……另有 {count} 条，见 {place}"),
    "again": (" (+{count} more)", "（另有 {count} 次）"),
    "likewise": ("likewise {count} more: {subjects}", "同类另有 {count} 个：{subjects}"),
    "all": ("all {count} findings: {place}", "全部 {count} 条：{place}"),
    "all.nowhere": (
        "{count} findings altogether; --out FILE writes them all",
        "共 {count} 条；用 --out 文件 可全部写出",
    ),
    "counts": ("{error} errors, {warning} warnings, {info} notes", "严重 {error}，警告 {warning}，提示 {info}"),
    "work_orders": ("work orders: {count}, {overdue} overdue", "工单：{count}，逾期 {overdue}"),
    "warning": ("warning: {text}", "警告：{text}"),
    "written": ("tables: {folder}", "结果表：{folder}"),
    "workbook": ("workbook: {file}", "工作簿：{file}"),
    "reproduce": ("reproduce with: {command}", "重现命令：{command}"),
    "identity": (
        "scenario sha256 {digest} · seed {seed} · chainsim {version}",
        "情景 sha256 {digest} · 种子 {seed} · chainsim {version}",
    ),
    "because": (
        "; mainly {cause} ({asset}), {share:.0%} of {total:,.0f} t short",
        "；主要原因：{cause}（{asset}），占欠量 {total:,.0f} t 的 {share:.0%}",
    ),
    "because.own": (
        "; mainly {cause}, {share:.0%} of {total:,.0f} t short",
        "；主要原因：{cause}，占欠量 {total:,.0f} t 的 {share:.0%}",
    ),
    "members.also": ("{members} (at other times also {others})", "{members}（其他时段另有{others}）"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "unknown": ("unknown", "未知"),
    # --- rules
    "rules.ok": (
        "{path}: no problem found ({rules} rules, {measures} measures, {decisions} decision tables, {tests} tests)",
        "{path}：未发现问题（规则 {rules}，指标 {measures}，决策表 {decisions}，测试 {tests}）",
    ),
    "rules.count": (
        "{count} rules: {error} errors, {warning} warnings, {info} notes",
        "规则 {count} 条：严重 {error}，警告 {warning}，提示 {info}",
    ),
    "rules.when": ("when", "条件"),
    "rules.table": ("of", "数据"),
    "rules.action": ("then", "措施"),
    "rules.labels": ("labels", "标签"),
    "rules.by": (" by {keys}", "，按 {keys} 分组"),
    "rules.where": (" where {condition}", "，其中 {condition}"),
    "rules.for": (", {count} {period} running", "，连续 {count} {period}"),
    "periods.month": ("month(s)", "个月"),
    "periods.ten_days": ("ten-day period(s)", "旬"),
    "periods.day": ("day(s)", "天"),
    "rules.due": (" ({owner}, within {days:g} days)", "（{owner}，{days:g} 天内）"),
    "tests.title": ("tests of the rules", "规则测试"),
    "tests.passed": ("{tests} tests of {rules} rules: all as expected", "规则 {rules} 条，测试 {tests} 个，全部通过"),
    "tests.failed": (
        "{failed} of {tests} tests failed ({rules} rules)",
        "测试 {tests} 个（规则 {rules} 条），其中 {failed} 个未通过",
    ),
    "tests.failure": ("{source}: not the findings expected", "{source}：预警与预期不符"),
    "tests.expected": ("expected, not found: {finding}", "预期而未出现：{finding}"),
    "tests.found": ("found, not expected: {finding}", "出现而非预期：{finding}"),
    "tests.found_nothing": ("found: nothing else", "此外无预警"),
    "tests.no_firing": ("no test in which it fires: {rules}", "缺少会触发的测试：{rules}"),
    "tests.no_near": ("no test in which it must not fire: {rules}", "缺少不应触发的测试：{rules}"),
    "eval.title": ("Rules over the tables of {count:,} run(s)", "对 {count:,} 个运行的结果表执行规则"),
    "eval.quiet": ("{count} more rules found nothing", "其余 {count} 条规则无预警"),
    "eval.more_runs": ("… and {count:,} more runs with findings", "……另有 {count:,} 个运行有预警"),
    "eval.skipped": ("without {table} these rules cannot be asked: {rules}", "缺少 {table}，以下规则无法执行：{rules}"),
    "eval.written": ("findings: {file}", "预警已写入：{file}"),
    "title.runs": ("Runs, the worst first", "各运行（由重到轻）"),
    "title.rules": ("What each rule found", "各规则结果"),
    "title.skipped": ("Rules that could not be asked, and what they need", "无法执行的规则及所缺的表"),
    "explain.seen_in": ("; seen in {place}", "；数据：{place}"),
    "explain.left_out": (
        "{count:,} more rows like these; --period, --customer or --asset choose others",
        "同类行另有 {count:,} 个；可用 --period、--customer、--asset 选择",
    ),
    "explain.whole": ("the whole network", "全网"),
    "explain.holds": ("the condition holds", "条件成立"),
    "explain.holds_not": ("the condition does not hold", "条件不成立"),
    "explain.unknown": ("the condition is unknown: a value is missing", "条件未知：缺少数据"),
    "explain.row_of": ("read where {keys}", "取自 {keys}"),
    "explain.no_row": ("there is no row where {keys}", "没有 {keys} 的行"),
    "explain.group_rows": ("over {count:,} row(s)", "共 {count:,} 行"),
    "explain.raised": ("raised at {keys}", "已触发：{keys}"),
    "explain.not_raised": ("not raised at {keys}", "未触发：{keys}"),
    "explain.hit": ("hit policy {policy}", "命中策略 {policy}"),
    "explain.matched": ("row {number} matches: {gives}", "第 {number} 行符合：{gives}"),
    "explain.missed": (
        "row {number} ({gives}) does not match: {input} {cell} asked, {value} found",
        "第 {number} 行（{gives}）不符合：要求 {input} {cell}，实际 {value}",
    ),
    "explain.no_match": ("no row matches", "没有符合的行"),
    "explain.episode": (
        "part of an episode: {span}, {count} {period}, {state}",
        "属于一次触发：{span}，{count} {period}，{state}",
    ),
    "explain.bridged": (
        "between parts of an episode: {span}, {count} {period}, {state}",
        "处于一次触发的间隙：{span}，{count} {period}，{state}",
    ),
    "explain.lacking": (
        "no finding: {count} {period} running, the rule asks {needed}; {lacking} short",
        "未预警：连续 {count} {period}，规则要求 {needed}，尚缺 {lacking}",
    ),
    "explain.told_by": ("told by the finding of {rule}", "由规则 {rule} 的预警合并说明"),
    # --- check, compare, new
    "check.ok": (
        "{path}: no problem found ({customers} customers, {assets} assets, {rules} rules)",
        "{path}：未发现问题（客户 {customers}，设施 {assets}，规则 {rules}）",
    ),
    "check.short": (
        "{month}: without drawing on stocks {share:.1%} of the plan can flow ({missing:,.0f} t cannot), held back by {assets}",
        "{month}：不动用库存最多完成计划的 {share:.1%}（差 {missing:,.0f} t），受制于 {assets}",
    ),
    "check.short.no_way": (
        "{month}: without drawing on stocks {share:.1%} of the plan can flow; no way leads to the other {missing:,.0f} t",
        "{month}：不动用库存最多完成计划的 {share:.1%}，其余 {missing:,.0f} t 无通道",
    ),
    "check.short.more": (
        "… and {count} more months with less than {floor:.0%}",
        "……另有 {count} 个月低于 {floor:.0%}",
    ),
    "check.and_more": (" and {count} more", "等，另 {count} 个"),
    "check.only_way": ("one way only: {customers}, over {assets}", "唯一通道：{customers}，经 {assets}"),
    "points": ("pp", "百分点"),
    "new.written": (
        "{folder}: a scenario that runs. Next: chainsim run {folder}",
        "已写入 {folder}。下一步：chainsim run {folder}",
    ),
    # --- errors
    "problems": ("problems: {count}; nothing was run or written", "问题 {count} 个；未运行，未写出"),
    "problems.output": ("nothing was written", "未写出任何文件"),
    "error.day": ("'{found}' is not a date (accepted: 2008-03-01)", "“{found}”不是日期（可接受：2008-03-01）"),
    "error.month": ("'{found}' is not a month (accepted: 2008-03)", "“{found}”不是月份（可接受：2008-03）"),
    "error.meant": ("; did you mean {meant}?", "；是否想写 {meant}？"),
    "error.xlsx": ("'{path}' does not end in .xlsx", "“{path}”不以 .xlsx 结尾"),
    "error.table_file": ("'{path}' does not end in .parquet or .csv", "“{path}”不以 .parquet 或 .csv 结尾"),
    "error.explain.both": ("--scenario and --run exclude each other", "--scenario 与 --run 只能选一个"),
    "error.explain.neither": (
        "there is no earlier run below results/: name one with --run, or a scenario with --scenario",
        "results/ 下没有已有结果：请用 --run 或 --scenario 指定",
    ),
    "error.stdout": ("cannot print the results: {reason}", "无法输出结果：{reason}"),
    "warning.as_of": (
        "the actual stocks are those of {own}, and are taken as the stocks of {asked}",
        "实际库存为 {own} 的数据，现作为 {asked} 的库存使用",
    ),
    "error.not_empty": ("exists already; name a folder that does not", "已存在，请换一个目录名"),
    "error.file": ("cannot use {path}: {reason}", "无法使用 {path}：{reason}"),
    "error.infeasible": ("no feasible answer: {reason}", "无可行解：{reason}"),
    "error.internal": (
        "chainsim itself failed: {reason}. Please report it, with the scenario and what --debug adds to this output.",
        "chainsim 内部错误：{reason}。请附情景及本命令加 --debug 的输出报告。",
    ),
    "error.interrupted": ("interrupted; files are written whole or not at all", "已中断；不会留下不完整的文件"),
    **FORM_TEXTS,
    **ORDER_TEXTS,
    **LIMIT_TEXTS,
    **EXPERIMENT_TEXTS,
    **COMPARE_TEXTS,
    **ANALYSIS_TEXTS,
    **CHART_TEXTS,
    **REPORT_TEXTS,
    **RESILIENCE_TEXTS,
    **PAGE_TEXTS,
    **ANALYSES_TEXTS,
}
"""Key → (English, Chinese)."""


def text(lang: str, key: str, **values: object) -> str:
    """The text ``key`` in ``lang`` ("en" or "zh") with its ``values`` filled in.

    >>> text("zh", "none.findings")
    '无预警。'
    """
    template = TEXTS[key][lang == "zh"]
    return template.format(**values) if values else template


def both(key: str, **values: object) -> tuple[str, str]:
    """The text ``key`` in English and in Chinese.

    >>> both("none.findings")[1]
    '无预警。'
    """
    return text("en", key, **values), text("zh", key, **values)


def preferred_language(environment: Mapping[str, str] = os.environ) -> Language:
    """The language the environment asks for, as gettext reads it: the first of LC_ALL, LC_MESSAGES, LANG that is set.

    >>> preferred_language({"LANG": "zh_CN.UTF-8"}), preferred_language({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"})
    ('zh', 'en')
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
