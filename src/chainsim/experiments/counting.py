"""How many runs an experiment makes, and of what that number is the product: told before anything starts."""

from __future__ import annotations

from chainsim.errors import Problem
from chainsim.experiments.designs import variant_count
from chainsim.experiments.experiment import DRAWN, Experiment
from chainsim.experiments.messages import problem_at
from chainsim.texts import text

KINDS: dict[str, tuple[str, str]] = {
    "list": ("list", "列表"),
    "grid": ("grid", "全组合"),
    "one_at_a_time": ("one at a time", "逐一变动"),
    "latin_hypercube": ("Latin hypercube", "拉丁超立方"),
    "sobol": ("Sobol", "Sobol 序列"),
    "monte_carlo": ("Monte Carlo", "蒙特卡洛"),
}
"""Design → its name in both languages."""


def run_count(experiment: Experiment) -> int:
    """The most runs that the experiment can make."""
    return variant_count(experiment) * experiment.fates


def count_parts(experiment: Experiment, lang: str) -> list[str]:
    """The factors of ``run_count``, in words."""
    design = experiment.design
    parts = []
    if design.kind == "grid":
        parts += [f"{factor.name} {len(factor.levels)}" for factor in experiment.factors]
    elif design.kind == "one_at_a_time":
        levels = " + ".join(f"{factor.name} {len(factor.levels)}" for factor in experiment.factors)
        parts.append(f"(1 + {levels})")
    elif design.kind in DRAWN:
        if experiment.factors:
            parts.append(
                text(lang, "experiment.part.points", count=design.points, kind=KINDS[design.kind][lang == "zh"])
            )
    else:
        parts.append(text(lang, "experiment.part.variants", count=len(design.listed)))
    until = experiment.until
    if until is not None:
        parts.append(
            text(lang, "experiment.part.until", kpi=until.kpi, half_width=until.half_width, every=until.every,
                 at_most=until.at_most)
        )  # fmt: skip
    elif experiment.replications is not None:
        parts.append(text(lang, "experiment.part.replications", count=experiment.replications))
    return parts or [text(lang, "experiment.part.one")]


def too_many_runs(experiment: Experiment, file: str) -> Problem | None:
    """The problem, if there are more runs than the experiment allows: so many are mostly a mistake."""
    runs = run_count(experiment)
    if runs <= experiment.most_runs:
        return None
    english, chinese = (" × ".join(count_parts(experiment, lang)) for lang in ("en", "zh"))
    place = experiment.design.place
    return problem_at(
        "too_many_runs", place._replace(file=place.file or file), runs=runs, count=english, count_zh=chinese,
        most=experiment.most_runs,
    )  # fmt: skip
