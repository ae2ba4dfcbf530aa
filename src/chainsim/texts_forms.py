"""The fixed texts of workbooks to be filled in, in English and Chinese; part of ``chainsim.texts``."""

from __future__ import annotations

FORM_TEXTS: dict[str, tuple[str, str]] = {
    "forms.contents": ("Read me", "说明"),
    "forms.dictionary": ("Dictionary", "字典"),
    "forms.names": ("Names", "名单"),
    "forms.sheet": ("Sheet", "工作表"),
    "forms.rows": ("Rows", "行数"),
    "forms.holds": ("What it holds", "内容"),
    "forms.heading": ("Heading", "列名"),
    "forms.name": ("Name", "代号"),
    "forms.unit_heading": ("Unit", "单位"),
    "forms.accepted": ("Accepted", "可填"),
    "forms.setting": ("Setting", "项目"),
    "forms.value": ("Value", "值"),
    "forms.meaning": ("Meaning", "含义"),
    "forms.label": ("Label", "名称"),
    "forms.archive": (
        "Customer archive: text, for rules to read",
        "客户档案：文本，供规则读取",
    ),
    "forms.required": (" · required", " · 必填"),
    "forms.unit": ("Unit: {unit}", "单位：{unit}"),
    "forms.accepts": ("Accepted: {accepted}", "可填：{accepted}"),
    "forms.how_1": (
        "This workbook is the whole scenario. Change what you like, save it, and run it: chainsim run FILE.xlsx",
        "本工作簿就是整个情景。改好保存后直接运行：chainsim run 文件.xlsx",
    ),
    "forms.how_2": (
        (
            "Every heading has a comment: meaning, unit, what is accepted. White cells are yours; grey columns are for looking"
            " at and are not read. Columns may be moved, and others from the sheet “Dictionary” added; headings may be in"
            " Chinese or English."
        ),
        "每个列名都有批注：含义、单位、可填内容。白色单元格可改；灰色列仅供查看，不读取。列可移动，也可按“字典”增加；列名中英文均可。",
    ),
    "forms.how_3": (
        (
            "Rows may be added below, rows deleted whole. An empty cell says nothing: the default holds. Periods are text:"
            " 2008, 2008Q3, 2008-07, 2008-07-1 (first ten days)."
        ),
        "可在下方加行，也可整行删除。空单元格等于没写，取默认值。期间为文本：2008、2008Q3、2008-07、2008-07-1（上旬）。",
    ),
    "forms.how_4": (
        "Wrong cells are told by sheet and cell, all at once: chainsim check FILE.xlsx",
        "填错的单元格会按工作表和单元格一次全部指出：chainsim check 文件.xlsx",
    ),
    "forms.how_5": (
        (
            "What-ifs go to the sheet “Cases”: only what changes. chainsim run FILE.xlsx --case NAME runs one;"
            " chainsim compare FILE.xlsx --all-cases compares them all."
        ),
        "假设写在“案例”表中，只写改动。chainsim run 文件.xlsx --case 名称；比较：chainsim compare 文件.xlsx --all-cases",
    ),
    "forms.kind.name": ("a name", "名称"),
    "forms.kind.text": ("text", "文本"),
    "forms.kind.number": ("a number", "数字"),
    "forms.kind.count": ("a whole number", "整数"),
    "forms.kind.share": ("a share: 0.5 or 50 %", "比例：0.5 或 50%"),
    "forms.kind.flag": ("TRUE, FALSE", "TRUE（是）、FALSE（否）"),
    "forms.kind.day": ("a date: 2008-07-12", "日期：2008-07-12"),
    "forms.kind.instant": ("a date, or date and time: 2008-07-12 08:00", "日期，或日期时刻：2008-07-12 08:00"),
    "forms.kind.period": ("a period as text: 2008-07", "期间（文本）：2008-07"),
    "forms.kind.edge": ("a date or a period", "日期或期间"),
    "forms.kind.choice": ("one of the choices", "可选值之一"),
    "forms.kind.steps": (
        "a number; if it changes over time: rows on the sheet “Steps”",
        "数字；随时间变化的写在“分段值”表中",
    ),
    "forms.kind.heel": ("a number", "数字"),
    "forms.kind.by_grade": ("grade=amount; grade=amount", "油种=数量; 油种=数量"),
    "forms.kind.shares": ("grade=share; grade=share", "油种=比例; 油种=比例"),
    "forms.kind.parcels": ("grade=amount; grade=amount", "油种=数量; 油种=数量"),
    "forms.kind.names": ("names: a; b", "名称：a; b"),
    "forms.kind.place": ("latitude; longitude", "纬度; 经度"),
    "forms.kind.distribution": ("exponential(mean=200)", "exponential(mean=200)，即平均 200 天的指数分布"),
    "forms.kind.any": ("a number, a date or text", "数字、日期或文本"),
    "help.export_input": (
        "Write the whole SCENARIO as one workbook to edit in a spreadsheet and run.",
        "把整个情景写成一个工作簿，可在表格软件中修改后直接运行。",
    ),
    "help.input_xlsx": ("The workbook to write; default: NAME.xlsx.", "要写的工作簿；默认 情景名.xlsx。"),
    "help.daily": (
        "With --xlsx: also write the tables that have a row per day.",
        "与 --xlsx 合用：工作簿中也写入逐日的表。",
    ),
    "help.document": (
        "Write a document from SCENARIO: an adjustment order, a bulletin to a customer, service forms, customer reports.",
        "由情景生成文件：调整令、运销情况通报、客户服务表格、客户报表。",
    ),
    "help.document_out": (
        "The file: .docx or .html (reports: .xlsx). Default: named after its content, here.",
        "文件名：.docx 或 .html（reports 为 .xlsx）。默认按内容命名，写在当前目录。",
    ),
    "help.document_number": (
        "Which order, or which complaint (feedback without one is an empty form).",
        "调整令编号或意见编号（feedback 不写则为空白表）。",
    ),
    "help.document_customer": (
        "Customer of a bulletin or visit report, by name or label.",
        "通报或走访报告的客户，代号或名称。",
    ),
    "help.document_month": (
        "Month of a bulletin, or of a planned visit, e.g. 2008-06.",
        "通报的月份，或计划走访的月份，如 2008-06。",
    ),
    "help.document_year": ("Year of a summary or visit plan.", "年度总结或走访计划的年份。"),
    "help.issuer": ("Who issues it: letterhead and signature.", "发文单位：用于版头和落款。"),
    "document.written": ("written: {path}", "已写出：{path}"),
    "document.order": ("the scenario has no order of this number", "情景中没有这个编号的调整令"),
    "document.which_order": (
        "the scenario has several orders: say which with --number",
        "情景中有多个调整令，请用 --number 指明",
    ),
    "document.no_order": ("the scenario has no adjustment order", "情景中没有调整令"),
    "document.customer": ("--customer names no customer", "--customer 不是客户"),
    "document.month": ("the run has no such month", "推演时段中没有这个月"),
    "document.complaint": ("there is no complaint of this number", "没有这个编号的意见"),
    "document.visit": ("no visit to this customer is planned then", "没有该客户在此时的走访计划"),
    "error.document_suffix": ("{path}: this document is written as {accepted}", "{path}：此文件的格式为 {accepted}"),
    "help.case": (
        "Run this case of the scenario’s table of cases.",
        "运行情景“案例”表中的这个案例。",
    ),
    "help.compare_case": (
        "Compare this case of the one SCENARIO with it. May be repeated.",
        "将情景的这个案例与情景本身比较，可重复。",
    ),
    "help.all_cases": ("Compare all cases of the one SCENARIO with it.", "将情景的全部案例与情景本身比较。"),
    "input.written": (
        "{path}: {sheets} sheets, {rows} rows. Edit it, then: chainsim run {path}",
        "{path}：{sheets} 个工作表，{rows} 行。修改后运行：chainsim run {path}",
    ),
    "input.cases": ("cases: {names}", "案例：{names}"),
    "help.replace": ("Write over FILE if it exists.", "文件已存在时覆盖。"),
    "error.workbook_exists": (
        "the file is there already, perhaps with edits; --replace writes over it",
        "文件已存在，可能有修改；如需覆盖请加 --replace",
    ),
    "error.one_scenario": (
        "--case and --all-cases go with one SCENARIO",
        "--case 和 --all-cases 只能用于一个情景",
    ),
    "error.no_cases": ("the scenario describes no cases", "情景没有案例"),
}
"""Key → (English, Chinese)."""
