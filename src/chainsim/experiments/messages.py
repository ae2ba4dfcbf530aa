"""What is said about experiment files: templates in the shape of ``chainsim.model.messages``."""

from __future__ import annotations

from chainsim.errors import Problem
from chainsim.files.tree import Place, Report, at_place
from chainsim.model.messages import Template, problem_from

EXPERIMENT_TEMPLATES: dict[str, Template] = {
    "unknown_key": ("unknown key", "没有这个键", "{names}", "{names}"),
    "missing_key": ("a required key is missing", "缺少必需的键", "{accepted}", "{accepted}"),
    "expected_mapping": ("keys with values are expected here", "此处应为键和值", "key: value", "键: 值"),
    "expected_list": (
        "a list is expected here",
        "此处应为列表",
        "[…], or lines beginning with -",
        "[…]，或以 - 开头的各行",
    ),
    "names_nothing": ("the path names nothing in the scenario", "路径在方案中没有所指", "{names}", "{names}"),
    "nothing_to_scale": (
        "there is no number here to be multiplied",
        "此处没有可乘的数值",
        "the path of a number, of steps, or of amounts by grade",
        "数值、阶段值或分油种数量的路径",
    ),
    "one_of_three": (
        "a factor has one of set, scale and overlays",
        "一个因素写 set、scale、overlays 中的一个",
        "set: PATH; scale: PATH; or overlays: {{name: file}}",
        "set: 路径；scale: 路径；或 overlays: {{名称: 文件}}",
    ),
    "no_levels": (
        "nothing says which values the factor takes",
        "没有写明因素的取值",
        "levels: […]; or low and high; or distribution: …",
        "levels: […]；或 low 和 high；或 distribution: …",
    ),
    "levels_twice": (
        "the factor's values are stated in more than one way",
        "因素的取值写了不止一种",
        "levels; or low and high; or distribution",
        "levels；或 low 和 high；或 distribution",
    ),
    "levels_needed": (
        "this design goes through listed levels, and the factor is only drawn",
        "此设计逐一取值，而该因素只给了分布",
        "levels: […]; or a design that draws: latin_hypercube, sobol, monte_carlo",
        "levels: […]；或抽样设计 latin_hypercube、sobol、monte_carlo",
    ),
    "level_twice": ("the level is there twice", "同一取值出现两次", "levels that differ", "各不相同的取值"),
    "no_factors": (
        "this design varies factors, and there are none",
        "此设计需要因素，却没有写",
        "factors: …",
        "factors: …",
    ),
    "no_points": (
        "the design draws points, and nothing says how many",
        "抽样设计没有写点数",
        "points: 100",
        "points: 100",
    ),
    "points_unused": (
        "only designs that draw or list have points",
        "只有抽样或列表设计才有点数",
        "latin_hypercube, sobol, monte_carlo, list",
        "latin_hypercube、sobol、monte_carlo、list",
    ),
    "sobol_points": (
        "a Sobol design is balanced only for a power of two points",
        "Sobol 设计的点数为 2 的幂时才均衡",
        "{low} or {high}",
        "{low} 或 {high}",
    ),
    "unknown_level": ("the factor has no such level", "该因素没有这个取值", "{names}", "{names}"),
    "no_such_variant": (
        "the design has no variant with the levels of the baseline",
        "设计中没有基准所写取值的方案",
        "levels that occur together",
        "同一方案中出现的取值",
    ),
    "unknown_name": ("there is no {what} of this name", "没有这个名称", "{names}", "{names}"),
    "not_a_choice": ("not one of the choices", "不在可选值之内", "{names}", "{names}"),
    "bad_distribution": (
        "not a distribution",
        "不是分布",
        "{names}",
        "{names}",
    ),
    "distribution_parameters": (
        "the parameters of this {kind} distribution cannot be",
        "此 {kind} 分布的参数不成立",
        "{accepted}",
        "{accepted}",
    ),
    "above_zero": ("must be more than 0", "应大于 0", "e.g. 0.2%", "如 0.2%"),
    "at_least": ("too small a number", "数值过小", "{least} or more", "不小于 {least}"),
    "share_range": ("not a share between 0 and 1", "应在 0 和 1 之间", "e.g. 95%", "如 95%"),
    "threshold_range": (
        "not a share that a completion could stay below",
        "完成率门槛应大于 0%、不超过 100%",
        "more than 0 %, up to 100 %, e.g. 95%",
        "大于 0%、不超过 100%，如 95%",
    ),
    "until_and_replications": (
        "until says itself when the replications end",
        "until 已规定重复次数何时结束",
        "one of until and replications",
        "until 与 replications 二者取一",
    ),
    "no_chance": (
        "nothing in these runs is left to chance: all replications would be alike",
        "这些运行没有随机因素：各次重复都相同",
        "random_disruptions in the scenario, or noise here; or no replications",
        "方案中的 random_disruptions，或此处的 noise；或去掉 replications",
    ),
    "noise_of_nothing": (
        "the scenario has no {what} to vary",
        "方案中没有可变动的 {what}",
        "{accepted}",
        "{accepted}",
    ),
    "overlay_of_another": (
        "the overlay extends a scenario that is not the experiment's base",
        "该叠加文件继承的不是本试验的基准方案",
        "an overlay of {base}, or one without extends",
        "{base} 的叠加文件，或不写 extends",
    ),
    "too_many_runs": (
        "the design makes {runs:,} runs, more than {most:,}: {count}",
        "该设计共 {runs:,} 次运行：{count_zh}",
        "fewer; or most_runs: {runs} in the file (or --most-runs {runs}) if they are meant",
        "减少运行；确要如此则在文件中写 most_runs: {runs}（或 --most-runs {runs}）",
    ),
}


def tell(
    report: Report, code: str, place: Place, *, path: str = "", found: str = "", nearest: str = "", **values: object
) -> None:
    """A problem from the table of messages at ``place``."""
    problem = problem_from(EXPERIMENT_TEMPLATES, code, values, path=path, found=found, nearest=nearest)
    report.problems.append(at_place(problem, place))


def problem_at(code: str, place: Place, **values: object) -> Problem:
    """As ``tell``, as a value."""
    return at_place(problem_from(EXPERIMENT_TEMPLATES, code, values), place)
