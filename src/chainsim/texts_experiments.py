"""The texts of experiments; part of ``chainsim.texts``, once, in English and Chinese."""

from __future__ import annotations

EXPERIMENT_TEXTS: dict[str, tuple[str, str]] = {
    # --- help
    "help.group.experiment": (
        "Many runs of one scenario, by design and by chance.",
        "对一个情景按设计和随机抽样作多次运行。",
    ),
    "help.experiment.check": (
        "Read the experiment in FILE. Tells everything wrong with it, or what it will run and how long that takes.",
        "检查试验文件，列出全部问题；无误则说明运行次数与预计时间。",
    ),
    "help.experiment.run": (
        "Run the experiment in FILE. What is finished is kept at once; --resume goes on after any interruption.",
        "运行试验；已完成的部分随时保存，中断后用 --resume 继续。",
    ),
    "help.experiment.out": (
        "Folder for the dataset; default results/experiments/NAME.",
        "数据集目录；默认 results/experiments/试验名。",
    ),
    "help.experiment.workers": (
        "Processes that work at a time; 0: in this one; default: one per CPU.",
        "并行进程数；0 为在本进程内运行；默认每个 CPU 一个。",
    ),
    "help.experiment.resume": ("Go on where an earlier session ended.", "从上次中断处继续。"),
    "help.experiment.restart": (
        "Give up what is in the folder, finished or not, and begin anew.",
        "放弃目录中已有的内容（无论是否完成），重新开始。",
    ),
    "help.experiment.most_runs": (
        "Allow this many runs, if more than 10,000 are meant.",
        "确需超过 10,000 次运行时，写明允许的次数。",
    ),
    "help.experiment.quiet": ("No progress and no tables.", "不显示进度与表格。"),
    # --- progress
    "stage.experiment": ("running", "运行"),
    "experiment.progress": (
        " {done:,}/{total:,}, {rate:.3g} runs/s, {left} left",
        " {done:,}/{total:,}，{rate:.3g} 次/秒，还需 {left}",
    ),
    "experiment.progress.first": (" {done:,} of {total:,}", " 第 {done:,}/{total:,} 次"),
    "experiment.progress.failed": (", {failed:,} failed", "，失败 {failed:,}"),
    # --- check
    "experiment.head": (
        "{path}: no problem found · {title} · base {base}",
        "{path}：未发现问题 · {title} · 基准 {base}",
    ),
    "experiment.count": ("{runs:,} runs = {parts}", "{runs:,} 次运行 = {parts}"),
    "experiment.count.until": (
        "up to {runs:,} runs = {parts}",
        "至多 {runs:,} 次运行 = {parts}",
    ),
    "experiment.part.replications": ("{count:,} replications", "重复 {count:,} 次"),
    "experiment.part.until": (
        "replications until {kpi} is known to ± {half_width:g}, {every} at a time, {at_most:,} at most",
        "重复至 {kpi} 的均值误差 ≤ {half_width:g}（每轮 {every} 次，至多 {at_most:,} 次）",
    ),
    "experiment.part.points": ("{count:,} points ({kind})", "{count:,} 个点（{kind}）"),
    "experiment.part.variants": ("{count:,} variants", "{count:,} 个方案"),
    "experiment.part.one": ("1 run", "1 次"),
    "experiment.estimate": (
        "one run takes {run}; all of them about {total} with {workers} process(es)",
        "单次运行 {run}；{workers} 个进程共需约 {total}",
    ),
    "experiment.factor": ("Factor", "因素"),
    "experiment.paths": ("What it varies", "所变对象"),
    "experiment.levels": ("Levels", "取值"),
    "experiment.base": ("As is", "原值"),
    "experiment.noise": ("Noise", "随机波动"),
    "experiment.of": ("On", "对象"),
    "experiment.spread": ("Factor drawn", "抽样系数"),
    "experiment.of.production": ("production", "产量"),
    "experiment.of.cash": ("cash", "资金"),
    "experiment.of.prices": ("prices", "价格"),
    "experiment.every": ("Anew every", "更新周期"),
    "experiment.every.run": ("run", "每次运行"),
    "experiment.every.month": ("month", "月"),
    "experiment.every.day": ("day", "日"),
    "experiment.overlay": ("overlay", "叠加"),
    # --- run
    "experiment.done": (
        "{runs:,} runs in {seconds}: {folder}",
        "{runs:,} 次运行，用时 {seconds}：{folder}",
    ),
    "experiment.already": (
        "already finished, nothing was left to do: {runs:,} runs in {folder}",
        "此前已完成，无须再运行：{folder} 中共 {runs:,} 次运行",
    ),
    "experiment.failed": (
        "{failed:,} run(s) failed, {crashed:,} of them because their process died; each is in the table answer_failures",
        "{failed:,} 次运行失败，其中 {crashed:,} 次因进程崩溃；逐次见表 answer_failures",
    ),
    "experiment.crashed": (
        "the process that ran it died, twice when it ran nothing else",
        "运行它的进程崩溃，单独重跑时再次崩溃",
    ),
    "experiment.redone": (
        "{runs:,} run(s) were done again: their files were not as they were written",
        "{runs:,} 次运行因文件损坏而重做",
    ),
    "experiment.interrupted": (
        "interrupted; {done:,} of {total:,} runs are kept. Go on with: {command}",
        "已中断；{total:,} 次运行中已保存 {done:,} 次。继续：{command}",
    ),
    # --- refusals
    "experiment.folder": (
        "this folder is not empty and holds no experiment",
        "文件夹非空，且其中没有试验",
    ),
    "experiment.nothing_to_resume": ("there is no experiment here to go on with", "此处没有可继续的试验"),
    "experiment.unfinished": (
        "this experiment is here, not finished or damaged: --resume goes on with it, --restart gives it up",
        "此试验在此处尚未完成或已损坏：用 --resume 继续，或用 --restart 放弃",
    ),
    "experiment.finished": (
        "this experiment is finished here: chainsim experiment show {folder} tells its answers, --restart does it again",
        "此试验在此处已经完成：用 chainsim experiment show {folder} 查看结果，或用 --restart 重做",
    ),
    "experiment.another": ("another experiment is in this folder", "此文件夹中是另一个试验"),
    "experiment.another.accepted": (
        "another folder (--out DIR), or --restart to put {name} in its place",
        "另选目录（--out 目录），或用 --restart 以 {name} 取代",
    ),
    "experiment.stillborn": (
        "processes die as soon as they begin (too little memory?): try --workers 0",
        "进程一启动即崩溃（内存不足？）：可用 --workers 0",
    ),
    "experiment.changed": (
        "what is finished here was run with something else ({changes}): --restart begins anew, --out DIR begins elsewhere",
        "此处已完成的部分所用内容不同（{changes}）：用 --restart 重新开始，或用 --out 另选目录",
    ),
    # --- a cluster
    "help.experiment.cluster": (
        "Work on the Dask cluster at this address, tcp://HOST:PORT or tls://HOST:PORT, instead of in processes here.",
        "改在此地址（tcp://主机：端口 或 tls://主机：端口）的 Dask 集群上运行。",
    ),
    "help.experiment.allow_unencrypted": (
        "Allow a cluster beyond this machine without encryption.",
        "允许不加密地连接本机以外的集群。",
    ),
    "cluster.address": (
        "not the address of a scheduler: tcp://HOST:PORT or tls://HOST:PORT",
        "不是调度器地址，应为 tcp://主机：端口 或 tls://主机：端口",
    ),
    "cluster.unencrypted": (
        "beyond this machine: use tls://, or say --allow-unencrypted (whoever reaches a scheduler can run code on its workers)",
        "连接本机以外的调度器须用 tls://，或用 --allow-unencrypted 明确允许不加密（能连上者即可在其上执行代码）",
    ),
    "cluster.extra": (
        "a cluster needs dask.distributed: install chainsim[cluster]",
        "使用集群需要 dask.distributed：请安装 chainsim[cluster]",
    ),
    "cluster.unreachable": ("no scheduler answers: {reason}", "调度器没有应答：{reason}"),
    "cluster.encryption": (
        "no encrypted connection to a scheduler ({reason}); certificates: distributed.comm.tls in Dask's configuration",
        "无法与调度器建立加密连接（{reason}）；证书在 Dask 配置 distributed.comm.tls 中指定",
    ),
    "cluster.no_workers": ("the cluster has no workers", "集群中没有工作进程"),
    "cluster.no_chainsim": ("this worker has no chainsim with experiments", "此工作进程没有带试验功能的 chainsim"),
    "cluster.differs": (
        "this worker would not give the same results: {differences}",
        "此工作进程会给出不同结果：{differences}",
    ),
    "cluster.gone": ("the scheduler is gone", "调度器已断开"),
    "cluster.alone": ("all workers are gone", "工作进程全部断开"),
    # --- answers
    "help.experiment.show": (
        "Show what the runs of the experiment in DIR say together: intervals, chances, differences, causes, a tornado.",
        "显示目录中试验各次运行的汇总：区间、概率、差异、原因、因素影响。",
    ),
    "help.experiment.baseline": (
        "Compare with this variant, by its number, instead of the experiment's own baseline.",
        "改与此编号的方案比较。",
    ),
    "help.experiment.charts": (
        "Also draw the tornados and, of the baseline, a fan of every tank's stock, as SVG files in DIR/answers.",
        "另将因素影响图与基准方案各库存分布图绘成 SVG，存入 DIR/answers。",
    ),
    "stage.answers": ("answering", "汇总"),
    "answers.sheet.answer_kpis": ("Key figures", "指标"),
    "answers.sheet.answer_failures": ("Failed runs", "失败的运行"),
    "answers.sheet.answer_customers": ("Chances of missing", "未达标概率"),
    "answers.sheet.answer_differences": ("Against the baseline", "与基准之差"),
    "answers.sheet.answer_causes": ("Causes", "原因变化"),
    "answers.sheet.answer_tornado": ("Tornado", "因素影响"),
    "answers.sheet.answer_stocks": ("Stocks", "库存分布"),
    "answers.head": (
        "{title}: {runs:,} runs, {variants:,} variant(s); intervals at {confidence:.0%}",
        "{title}：{runs:,} 次运行，{variants:,} 个方案；置信度 {confidence:.0%}",
    ),
    "answers.baseline": ("baseline: {name}", "基准：{name}"),
    "answers.pooled": ("all points together", "全部点合计"),
    "answers.variants": (
        "Variants: mean, its interval, and where 90 % of the runs lie",
        "各方案：均值、置信区间、90% 的运行所在范围",
    ),
    "answers.variants.single": ("Variants", "各方案"),
    "answers.failures": ("Failed runs: {failed:,} of {runs:,}", "失败的运行：{runs:,} 次中 {failed:,} 次"),
    "answers.more_failures": (
        "… and {count:,} more; all in the table answer_failures",
        "……另有 {count:,} 次；全部见表 answer_failures",
    ),
    "answers.baseline_failed": (
        "the baseline ({name}) itself failed: no difference against it can be told; --baseline N compares with another variant",
        "基准方案（{name}）本身失败：无从比较；可用 --baseline N 改与另一方案比较",
    ),
    "answers.baseline_partly": (
        "{count:,} run(s) of the baseline ({name}) failed: differences leave these fates out",
        "基准方案（{name}）有 {count:,} 次运行失败：差值不含这些重复",
    ),
    "answers.mixed": (
        "† under another plan than the baseline's: part of this difference is the plan's; deliveries compare like with like",
        "† 所执行的计划与基准不同：差值部分来自计划；完成量可直接比较",
    ),
    "answers.mixed_original": (
        "† before any order, too, its plan is not the baseline's: part of the difference in completion is the plan's",
        "† 原计划也与基准不同：完成率之差部分来自计划",
    ),
    "answers.other_plan": ("(another plan in force)", "（执行计划不同）"),
    "answers.nothing_moves": ("none of the factors moves it", "各因素均无影响"),
    "answers.misses.single": ("Who stays below {threshold:.3g} % (×)", "完成率低于 {threshold:.3g}% 的客户（×）"),
    "answers.more_figures": (
        "… and {count} more figures; all in the table answer_kpis",
        "……另有 {count} 项指标；全部见表 answer_kpis",
    ),
    "answers.more_customers": ("… and {count} more customers", "……另有 {count} 个客户"),
    "answers.misses": ("How likely completion stays below {threshold:.3g} %", "完成率低于 {threshold:.3g}% 的概率"),
    "answers.changes": (
        "Shortfall against the baseline, and the causes that changed most, t per run",
        "欠量与基准之差及变化最大的原因，t/次",
    ),
    "answers.deliveries": (
        "Deliveries against the baseline, t per run, and completion of the original plan",
        "完成量与基准之差，t/次，及原计划完成率之差",
    ),
    "answers.tornado": ("What moves {kpi}", "{kpi}的影响因素"),
    "answers.completion_of": ("completion of {customer}", "{customer}完成率"),
    "answers.safe_fill": ("safe fill", "安全库容"),
    "answers.heel": ("heel", "底油"),
    "answers.charts": ("pictures: {folder}", "图：{folder}"),
    "answers.more": ("… and {count} more variants", "……另有 {count} 个方案"),
    "column.variant": ("Variant", "方案"),
    "column.interval": ("Interval", "置信区间"),
    "column.difference": ("Difference", "差值"),
    "column.causes": ("Causes", "原因"),
    "column.delivered_change": ("Delivered", "完成量"),
    "column.original_change": ("Of the original plan", "原计划完成率"),
    "column.failures": ("Runs", "次数"),
    "column.replications": ("Replications", "重复号"),
    "column.error": ("Error", "错误"),
    "column.factor": ("Factor", "因素"),
    "column.at_low": ("At the lowest", "最低取值时"),
    "column.at_high": ("At the highest", "最高取值时"),
    "column.swing": ("Swing", "摆幅"),
    "column.correlation": ("Correlation", "相关系数"),
    "experiment.no_answers": ("there is no finished experiment here", "此处没有已完成的试验"),
    "experiment.other_version": (
        "this is no experiment, or one that another version of chainsim ran: run it again",
        "此处不是试验，或由另一版本的 chainsim 运行：请重新运行",
    ),
    "experiment.no_variant": ("there is no variant of this number: 0 to {last}", "没有此编号的方案：0 至 {last}"),
    # --- durations
    "duration.seconds": ("{n:.2g} s", "{n:.2g} 秒"),
    "duration.minutes": ("{n:.0f} min", "{n:.0f} 分"),
    "duration.hours": ("{n:.1f} h", "{n:.1f} 小时"),
}
