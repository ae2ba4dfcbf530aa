"""Every fixed text that a planner reads on a terminal or in a finding, once, in English and Chinese."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]

TEXTS: dict[str, tuple[str, str]] = {
    # --- help
    "help.chainsim": (
        "Rehearse crude supply through pipelines, tank farms and rail: who falls short, by how much, because of what.",
        "预演原油经管道、油库和铁路的调运:谁欠量、欠多少、因何而欠。",
    ),
    "help.run": ("Simulate SCENARIO, write its tables and show who falls short.", "模拟情景,写出结果表并显示欠量。"),
    "help.check": (
        "Read SCENARIO and the rules, and tell everything wrong with them.",
        "检查情景与规则,一次列出全部问题。",
    ),
    "help.compare": ("Run several scenarios and show what differs.", "运行多个情景并列出差异。"),
    "help.new": (
        "Write a small, documented scenario that runs into DIRECTORY.",
        "在目录中写一个可运行的带说明小情景。",
    ),
    "help.schema": (
        "Print the JSON Schema of scenario.yaml, for editors.",
        "输出 scenario.yaml 的 JSON Schema(供编辑器用)。",
    ),
    "help.out": ("Folder for the result tables; default results/NAME.", "结果表目录;默认 results/情景名。"),
    "help.xlsx": ("Also write a workbook to this file.", "同时写出工作簿。"),
    "help.lang": (
        "Language of what is shown; default from LC_ALL, LC_MESSAGES or LANG.",
        "显示语言;默认取自环境变量。",
    ),
    "help.json": ("Same as --format json.", "即 --format json。"),
    "help.format": ("How to print the results.", "结果输出格式。"),
    "help.fail_on": (
        "Exit with 1 if a finding is this grave or graver; default never.",
        "有达到该级别的预警时以 1 退出;默认 never(从不)。",
    ),
    "help.rules": ("Folder of rule files instead of those shipped.", "改用此目录中的规则文件。"),
    "help.seed": ("Seed of the random disruptions instead of the scenario's.", "改用此随机种子。"),
    "help.as_of": ("Begin on this date, from the scenario's actuals.", "自该日起,从实绩开始模拟。"),
    "help.quiet": ("No progress and no tables: findings only.", "不显示进度与表格,只列预警。"),
    "help.debug": ("Show Python's traceback if chainsim itself fails.", "程序内部出错时显示回溯。"),
    # --- progress
    "stage.read": ("reading", "读取"),
    "stage.simulate": ("simulating", "模拟"),
    "stage.tables": ("making tables", "制表"),
    "stage.rules": ("applying rules", "执行规则"),
    "stage.write": ("writing", "写出"),
    "progress": ("{stage} … {seconds:.0f} s", "{stage}…… {seconds:.0f} 秒"),
    # --- run
    "headline": (
        "Delivered {delivered:,.0f} t of {plan:,.0f} t planned: completion {completion:.1%}; short {shortfall:,.0f} t",
        "计划 {plan:,.0f} t,完成 {delivered:,.0f} t,完成率 {completion:.1%};欠量 {shortfall:,.0f} t",
    ),
    "headline.no_plan": ("Delivered {delivered:,.0f} t; no plan in this horizon", "完成 {delivered:,.0f} t;期内无计划"),
    "by_class": ("By class: {parts}", "分类别:{parts}"),
    "worst": ("Furthest behind: {parts}", "完成最差:{parts}"),
    "horizon": ("{title} · {start} to {end} · seed {seed}", "{title} · {start} 至 {end} · 种子 {seed}"),
    "title.completion": ("Completion by customer and month, %", "分客户分月计划完成率,%"),
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
    "column.scenario": ("Scenario", "情景"),
    "legend": (
        "green ≥ 98, yellow 95–98, orange 90–95, red < 90, blue > 105, – no plan, * unplanned",
        "绿 ≥98,黄 95–98,橙 90–95,红 <90,蓝 >105,– 无计划,* 计划外",
    ),
    "none.shortfalls": ("Nobody falls short.", "无欠量。"),
    "none.curtailment": ("No intake was curtailed.", "无限产。"),
    "none.findings": ("No rule fired.", "无预警。"),
    "more": ("… and {count} more in {place}", "……另有 {count} 条,见 {place}"),
    "again": (" (+{count} more)", "(另有 {count} 次)"),
    "likewise": ("likewise {count} more: {subjects}", "同类另有 {count} 个:{subjects}"),
    "all": ("all {count} findings: {place}", "全部 {count} 条:{place}"),
    "counts": ("{error} errors, {warning} warnings, {info} notes", "严重 {error},警告 {warning},提示 {info}"),
    "warning": ("warning: {text}", "警告:{text}"),
    "written": ("tables: {folder}", "结果表:{folder}"),
    "workbook": ("workbook: {file}", "工作簿:{file}"),
    "reproduce": ("reproduce with: {command}", "重现命令:{command}"),
    "identity": (
        "scenario sha256 {digest} · seed {seed} · chainsim {version}",
        "情景 sha256 {digest} · 种子 {seed} · chainsim {version}",
    ),
    "because": (
        "; mainly {cause} ({asset}), {share:.0%} of {total:,.0f} t short",
        ";主要原因:{cause}({asset}),占欠量 {total:,.0f} t 的 {share:.0%}",
    ),
    "because.own": (
        "; mainly {cause}, {share:.0%} of {total:,.0f} t short",
        ";主要原因:{cause},占欠量 {total:,.0f} t 的 {share:.0%}",
    ),
    # --- check, compare, new
    "check.ok": (
        "{path}: no problem found ({customers} customers, {assets} assets, {rules} rules)",
        "{path}:未发现问题(客户 {customers},设施 {assets},规则 {rules})",
    ),
    "compare.kpis": ("Key figures; in brackets the difference from {name}", "关键指标;括号内为与 {name} 之差"),
    "compare.causes": ("Shortfall by cause, t", "欠量原因,t"),
    "compare.customers": ("Completion by customer", "分客户完成率"),
    "compare.alike": ("{count} more differ little or not at all", "另有 {count} 项无差异或差异很小"),
    "points": ("pp", "百分点"),
    "new.written": (
        "{folder}: a scenario that runs. Next: chainsim run {folder}",
        "已写入 {folder}。下一步:chainsim run {folder}",
    ),
    # --- errors
    "problems": ("problems: {count}; nothing was run or written", "问题 {count} 个;未运行,未写出"),
    "problems.output": ("nothing was written", "未写出任何文件"),
    "error.xlsx": ("'{path}' does not end in .xlsx", "“{path}”不以 .xlsx 结尾"),
    "error.stdout": ("cannot print the results: {reason}", "无法输出结果:{reason}"),
    "warning.as_of": (
        "the actual stocks are those of {own}, and are taken as the stocks of {asked}",
        "实际库存为 {own} 的数据,现作为 {asked} 的库存使用",
    ),
    "error.not_empty": ("exists already; name a folder that does not", "已存在,请换一个目录名"),
    "error.file": ("cannot use {path}: {reason}", "无法使用 {path}:{reason}"),
    "error.infeasible": ("no feasible answer: {reason}", "无可行解:{reason}"),
    "error.internal": (
        "chainsim itself failed: {reason}. Please report it, with the scenario and what --debug adds to this output.",
        "chainsim 内部错误:{reason}。请附情景及本命令加 --debug 的输出报告。",
    ),
    "error.interrupted": ("interrupted; files are written whole or not at all", "已中断;不会留下不完整的文件"),
}
"""Key → (English, Chinese)."""


def text(lang: str, key: str, **values: object) -> str:
    """The text ``key`` in ``lang`` ("en" or "zh") with its ``values`` filled in.

    >>> text("zh", "none.findings")
    '无预警。'
    """
    template = TEXTS[key][lang == "zh"]
    return template.format(**values) if values else template


def preferred_language(environment: Mapping[str, str] = os.environ) -> Language:
    """The language the environment asks for, as gettext reads it: the first of LC_ALL, LC_MESSAGES, LANG that is set.

    >>> preferred_language({"LANG": "zh_CN.UTF-8"}), preferred_language({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"})
    ('zh', 'en')
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
