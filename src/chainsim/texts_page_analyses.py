"""Texts of the what-if page's longer questions: a draft order, variants side by side, chance, levers."""

from __future__ import annotations

ANALYSES_TEXTS: dict[str, tuple[str, str]] = {
    "analyses.title": ("Ask further", "进一步分析"),
    "analyses.tab.order": ("Adjustment order", "调整令"),
    "analyses.tab.compare": ("Compare", "方案对比"),
    "analyses.tab.chance": ("Chance", "随机推演"),
    "analyses.tab.tornado": ("Levers", "敏感性"),
    "analyses.tab.tipping": ("Tipping point", "临界点"),
    "analyses.cancel": ("Cancel", "取消"),
    "analyses.cancelled": ("Cancelled. Nothing is kept of it.", "已取消，未保留任何结果。"),
    "analyses.refused": (
        "Too many questions wait already. Cancel one, or ask again when some are answered.",
        "排队的任务过多，请取消其中之一，或稍后再试。",
    ),
    "analyses.waiting": ("waiting, {count} before it", "排队中，前面还有 {count} 个"),
    "analyses.starting": ("starting", "正在启动"),
    "analyses.seconds": ("{seconds} s", "{seconds} 秒"),
    "analyses.left": (", about {seconds} s left", "，约剩 {seconds} 秒"),
    "analyses.no_answer": ("There is no answer:", "没有结果："),
    "analyses.failed": (
        "chainsim itself failed here; what happened stands on the terminal that serves the page. You can ask again.",
        "chainsim 内部出错，详情见运行本页面的终端；可再试一次。",
    ),
    "analyses.wrong_form": ("Not asked: {words}", "未开始：{words}"),
    "analyses.not_a_number": ("not a number within its limits", "不是允许范围内的数"),
    "analyses.about": (
        "About {who}; click a customer's cell above to ask about another.",
        "对象：{who}。点击上方完成率表格可更换客户。",
    ),
    "analyses.threshold": ("threshold", "门槛"),
    "analyses.impossible": ("cannot be", "不可行"),
    "analyses.state.draft": ("not in force", "不执行"),
    "analyses.state.approved": ("in force", "执行"),
    "analyses.lever.outage": ("outage", "停输"),
    "analyses.lever.length": ("length", "天数"),
    "analyses.lever.order": ("Order {number}", "调整令 {number}"),
    "stage.levers": ("moving levers", "逐项变动"),
    # --- the order
    "analyses.order.about": (
        (
            "The optimizer drafts the order that mends the plan of this what-if from a day on, proves it by simulation and gives"
            " a reason for each line. Nothing changes until you approve it."
        ),
        "优化器针对当前方案，从指定日期起拟定补救计划的调整令，逐行给出理由，并以模拟验证。批准之前不改变任何内容。",
    ),
    "analyses.order.as_of": ("from day", "起始日期"),
    "analyses.order.as_of_hint": ("first outage", "首次停运"),
    "analyses.order.ask": ("Ask for an order", "拟定调整令"),
    "analyses.order.no_date": ("not a date", "不是日期"),
    "analyses.order.approve": ("Approve and apply", "批准并执行"),
    "analyses.order.approve_note": (
        "Approved, the order becomes part of the what-if: everything is simulated again, and Undo takes it back.",
        "批准后调整令成为方案的一部分，全部重新推演；可撤销。",
    ),
    "analyses.order.in_force": (
        (
            "In force in this what-if: order {numbers}. It stands among the levers, where it can be switched off. Completion is"
            " now of the larger plan; “Compare” shows what the order is worth against the plan before it."
        ),
        "当前方案已执行调整令 {numbers}，可在左侧“调整令”中停用。完成率现按调整后的计划计算，效果请看“方案对比”。",
    ),
    "analyses.order.yaml": ("Draft as a file (YAML)", "下载草稿（YAML）"),
    "analyses.order.docx": ("Order document (Word)", "下载调整令文件（Word）"),
    "analyses.order.limit": (
        "{what}, {span}: holds back {count} plan line(s)",
        "{what}，{span}：制约 {count} 个计划行",
    ),
    "analyses.order.proof": (
        "Completion from {day} on, arrears included: before and after as simulated, beside what was promised",
        "{day} 起的完成率（含欠量）：调整前后为模拟值，另列承诺值",
    ),
    "analyses.order.tried": (
        "Of what was tried, nothing let the simulated customers fall less short.",
        "所试各方案经模拟均未减少欠量。",
    ),
    "analyses.order.short": ("What even the best plan cannot deliver", "最优计划也无法完成的部分"),
    "analyses.order.more": ("all {count} lines", "全部 {count} 行"),
    # --- compare
    "analyses.compare.about": (
        "Remember what-ifs under names of your own, and see them side by side. They are kept in this tab.",
        "将若干方案命名保存，并列对比。仅保存在当前标签页。",
    ),
    "analyses.compare.name": ("name", "名称"),
    "analyses.compare.remember": ("Remember this what-if", "保存当前方案"),
    "analyses.compare.variant": ("variant {number}", "方案 {number}"),
    "analyses.compare.as_filed": ("as filed", "原样"),
    "analyses.compare.now": ("now", "当前"),
    "analyses.compare.forget": ("Forget {name}", "删除 {name}"),
    "analyses.compare.open": ("Go to {name}", "打开 {name}"),
    "analyses.compare.few": (
        "Remember at least one what-if; the one on the page is set beside it.",
        "请至少保存一个方案，页面上的当前方案将与之并列。",
    ),
    "analyses.compare.full": ("No more than {count} variants fit.", "最多并列 {count} 个方案。"),
    "analyses.compare.of": ("Compared with {name}, the first.", "以首个方案“{name}”为基准。"),
    "analyses.compare.workbook": ("Keep the comparison as a workbook", "将对比结果导出为工作簿"),
    "analyses.compare.file": ("comparison", "方案对比"),
    "analyses.compare.kpis": ("Key figures", "主要指标"),
    "analyses.compare.customers": ("Completion by customer", "各客户完成率"),
    "analyses.compare.customers_original": (
        "Completion by customer, of the plan before orders",
        "各客户完成率（按调整令之前的计划）",
    ),
    "analyses.compare.original": (
        "An order raises the plan of whom it helps: what it is worth shows against the plan before it.",
        "调整令会提高受益客户的计划量，按调整前的计划衡量才能看出效果。",
    ),
    "analyses.compare.causes": ("What the difference in deliveries is made of, t", "完成量之差的原因，t"),
    "analyses.compare.causes_of": (
        "What the difference in deliveries to {customer} is made of, t",
        "{customer}完成量之差的原因，t",
    ),
    "analyses.compare.total": ("Deliveries", "完成量"),
    "analyses.compare.other": ("{count} other causes", "其余 {count} 项"),
    "analyses.compare.same": ("Deliveries do not differ.", "完成量没有差别。"),
    "analyses.compare.inputs": ("What was changed", "改动的输入"),
    "analyses.compare.more": ("{count} more", "其余 {count} 项"),
    # --- chance
    "analyses.chance.about": (
        "Many runs of this what-if, each with its own unplanned outages and noise: how sure is the result?",
        "以随机故障和波动多次推演当前方案，看结果有多可靠。",
    ),
    "analyses.chance.runs": ("runs", "次数"),
    "analyses.chance.outages": ("unplanned outages", "随机故障"),
    "analyses.chance.noise_on": ("production and cash vary", "产量与资金波动"),
    "analyses.chance.ask": ("Run", "开始"),
    "analyses.chance.nothing_varies": (
        "nothing is left to chance: all runs would be the same",
        "没有任何随机因素，各次运行将完全相同",
    ),
    "analyses.chance.told": (
        (
            "Completion over {runs:,} runs: {mean:.1%} on average ({low:.1%}–{high:.1%} with 95 % confidence); nine runs in ten"
            " lie between {p05:.1%} and {p95:.1%}."
        ),
        "{runs:,} 次运行的完成率：平均 {mean:.1%}（95% 置信区间 {low:.1%}–{high:.1%}），九成运行在 {p05:.1%} 与 {p95:.1%} 之间。",
    ),
    "analyses.chance.failed": (
        "{count} runs could not be simulated and are left out.",
        "{count} 次运行无法推演，未计入。",
    ),
    "analyses.chance.own": (
        "Left to chance: the scenario's own random outages ({count}).",
        "随机因素：情景自带的随机故障（{count} 类）。",
    ),
    "analyses.chance.assumed": (
        (
            "The scenario states no random outages. Assumed: each pipeline stops about once in {failure} days, for {repair} days"
            " (median); each railway loses half its train paths about every {rail_failure} days, mostly for {rail_repair} days."
        ),
        (
            "情景未给出随机故障，采用假设：每条管线约 {failure} 天停输一次，中位 {repair} 天；"
            "每条铁路约 {rail_failure} 天限运一半，多为 {rail_repair} 天。"
        ),
    ),
    "analyses.chance.noise": (
        "Assumed: production of every supplier varies by {production:.0%} from month to month.",
        "假设：各油源产量逐月波动 {production:.0%}。",
    ),
    "analyses.chance.noise_cash": (
        (
            "Assumed: production of every supplier varies by {production:.0%} and income of those who prepay by {cash:.0%}"
            " from month to month."
        ),
        "假设：各油源产量逐月波动 {production:.0%}，预付款客户收入逐月波动 {cash:.0%}。",
    ),
    "analyses.chance.mean": ("Mean", "平均"),
    "analyses.chance.interval": ("9 runs in 10", "九成运行"),
    "analyses.chance.missed": ("Below {threshold}", "低于 {threshold}"),
    "analyses.chance.confidence": ("with 95 % confidence", "95% 置信区间"),
    "analyses.chance.fan": ("Stock over the runs", "库存分布"),
    "analyses.chance.file": ("This experiment as a file", "下载实验文件"),
    "analyses.chance.whatif": ("its what-if", "其方案文件"),
    "analyses.chance.file_note": (
        "Put both beside the scenario, and the same comes of: chainsim experiment run {name}",
        "将两个文件放在情景旁，运行 chainsim experiment run {name} 可得到相同结果。",
    ),
    # --- tornado
    "analyses.tornado.about": (
        "Which lever saves whom? Every lever of the page is moved alone, down and up; the bars show what becomes of completion.",
        "动哪一项最有效？逐一将左侧各项单独减、增，看完成率的变化。",
    ),
    "analyses.tornado.swing": ("each lever by", "变动幅度"),
    "analyses.tornado.ask": ("Move every lever", "逐项变动"),
    "analyses.tornado.best": (
        "{who} {value:.1%}: what helps most is {lever}, {before} → {after}: {reached:.1%}.",
        "{who}现为 {value:.1%}：最有效的是{lever}，{before} → {after}，可达 {reached:.1%}。",
    ),
    "analyses.tornado.none_helps": (
        "{who} {value:.1%}: no lever moved alone makes it better.",
        "{who}现为 {value:.1%}：单独变动任何一项都不能改善。",
    ),
    "analyses.tornado.nothing": (
        "{who} {value:.1%}: no lever moved alone changes it.",
        "{who}现为 {value:.1%}：单独变动任何一项都没有影响。",
    ),
    "analyses.tornado.still": ("{count} levers change nothing.", "{count} 项没有影响。"),
    "analyses.tornado.more": ("{count} narrower bars stand in the table.", "另有 {count} 项影响较小，见表。"),
    "analyses.tornado.impossible": ("Cannot be: {levers}", "不可行：{levers}"),
    "analyses.tornado.table": ("As a table", "表格"),
    "analyses.tornado.lever": ("Lever", "项目"),
    "analyses.tornado.now": ("Now", "现值"),
    "analyses.tornado.down": ("Down", "减"),
    "analyses.tornado.up": ("Up", "增"),
    # --- tipping point
    "analyses.tipping.about": (
        "How far can one lever go until completion falls below a threshold?",
        "某一项变动到多少，完成率会跌破门槛？",
    ),
    "analyses.tipping.lever": ("lever", "项目"),
    "analyses.tipping.ask": ("Find it", "求临界点"),
    "analyses.tipping.at_slider": ("tipping point", "临界点"),
    "analyses.tipping.no_lever": ("no slider of this what-if", "当前方案没有这个滑块"),
    "analyses.tipping.always": (
        "{who} stays at {threshold} or above on the whole slider: {lever} {least} … {most}.",
        "{lever}在整个滑块范围（{least} … {most}）内，{who}均不低于 {threshold}。",
    ),
    "analyses.tipping.never": (
        "{who} is below {threshold} on the whole slider: {lever} {least} … {most}.",
        "{lever}在整个滑块范围（{least} … {most}）内，{who}均低于 {threshold}。",
    ),
    "analyses.tipping.up_to": (
        "{who} stays at {threshold} or above up to {last} ({lever}); from {first} on it is below.",
        "{lever}不超过 {last}时，{who}不低于 {threshold}；自 {first}起跌破。",
    ),
    "analyses.tipping.from": (
        "{who} is at {threshold} or above from {first} on ({lever}); up to {last} it is below.",
        "{lever}达到 {first}后，{who}不低于 {threshold}；{last}及以下则不足。",
    ),
    "analyses.tipping.several": (
        "{who} crosses {threshold} more than once ({lever}): at or above at {above}; below at {below}.",
        "{who}多次穿越 {threshold}（{lever}）：不低于门槛：{above}；低于门槛：{below}。",
    ),
    "analyses.tipping.not_all": (" Cannot be at {spans}.", " 不可行的位置：{spans}。"),
    "analyses.tipping.impossible": ("No position of the slider can be simulated.", "滑块的任何位置都不可行。"),
    "analyses.tipping.tried": (
        "{tried} of {count} positions were simulated; between two neighbours on one side, the others are taken to be there too.",
        "共模拟 {count} 个位置中的 {tried} 个；相邻两点同侧时，视其间各点亦在同侧。",
    ),
}
