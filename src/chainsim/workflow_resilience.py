"""The use case of the resilience scan: take every asset out in turn, and write what that tells. Beside ``chainsim.workflow``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainsim.errors import Problem
from chainsim.texts import text
from chainsim.workflow import Progress, manifest_of

if TYPE_CHECKING:
    import pandas as pd

    from chainsim.experiments.resilience import Scan
    from chainsim.results import Labels

TASKS_PER_WORKER = 8
"""A process of its own pays from here on: it takes a second to start."""


@dataclass(frozen=True)
class Resilience:
    """A scan and its tables (``chainsim.results.catalogue_resilience``) by name."""

    path: Path
    scan: Scan
    tables: Mapping[str, pd.DataFrame]
    labels: Labels
    warnings: tuple[Problem, ...]
    manifest: dict[str, Any]


def resilience(
    path: Path,
    *,
    workers: int | None = None,
    progress: Progress = lambda stage: None,
    done: Callable[[int, int], None] = lambda done, of: None,
    **asked: Any,
) -> Resilience:
    """Scan the scenario at ``path``; ``asked`` are the arguments of ``chainsim.experiments.resilience.terms_asked``.

    ``workers`` processes share the work (default: one per processor, if there is enough to do). Raises ``InputError`` with all
    problems, ``NoFeasibleAnswerError`` where the undisturbed run has no stable rates.
    """
    from chainsim.experiments.processes import usable_cpus
    from chainsim.experiments.resilience import resilience_tables, scan, terms_asked
    from chainsim.files import load_scenario
    from chainsim.results import labels_of

    progress("read")
    loaded = load_scenario(path)
    scenario = loaded.scenario
    terms = terms_asked(scenario, **asked)
    progress("scan")
    enough = len(terms.assets) * len(terms.starts) // TASKS_PER_WORKER
    found = scan(scenario, terms, workers=workers or max(1, min(usable_cpus(), enough)), done=done)
    progress("tables")
    manifest = manifest_of(path, scenario, loaded.inputs, Path(), ())
    manifest["resilience"] = {
        **{name: value for name, value in asdict(terms).items() if name not in ("assets", "starts")},
        "assets": [asset.name for asset in terms.assets],
        "starts": [scenario.calendar_date(start).isoformat() for start in terms.starts],
    }
    labels = labels_of(scenario)
    return Resilience(
        path=path,
        scan=found,
        tables=resilience_tables(found),
        labels=labels,
        warnings=(*loaded.warnings, *_left_out(found, labels)),
        manifest=manifest,
    )


def maps(outcome: Resilience, lang: str) -> dict[str, str]:
    """File name → the network with every asset coloured by its exposure, as SVG in ``lang``: one for each start."""
    from chainsim.charts import network_chart, svg
    from chainsim.results import build_tables

    found = outcome.scan
    run_tables = build_tables(found.scenario, found.undisturbed)
    out = {}
    for start in found.terms.starts:
        day = found.scenario.calendar_date(start)
        title = text(lang, "resilience.map", days=found.terms.outage_days, start=day)
        values = {exposure.asset.name: round(found.index_of(exposure), 2) for exposure in found.ranked(start)}
        out[f"map-{day}.svg"] = svg(network_chart(run_tables, outcome.labels, lang, values=values, title=title))
    return out


def write_resilience(
    outcome: Resilience,
    folder: Path | None,
    *,
    workbook: Path | None = None,
    lang: str = "en",
    progress: Progress = lambda stage: None,
) -> tuple[Path, ...]:
    """The tables and maps into ``folder`` and a workbook, as far as asked for: all of it, or nothing. Returns the maps."""
    from chainsim.reports import whole_file, write_results
    from chainsim.reports.workbook_resilience import resilience_workbook_bytes

    progress("write")
    with ExitStack() as stack:
        if workbook is not None:
            temporary = stack.enter_context(whole_file(workbook))
            temporary.write_bytes(
                resilience_workbook_bytes(outcome.scan.scenario, outcome.tables, outcome.manifest, lang)
            )
        if folder is None:
            return ()
        drawn = maps(outcome, lang)
        writers = {name: partial(_write_text, picture) for name, picture in drawn.items()}
        write_results(folder, outcome.tables, outcome.manifest, extra=writers)
        return tuple(folder / name for name in drawn)


def _write_text(content: str, path: Path) -> None:
    path.write_text(content, encoding="utf-8")


def _left_out(found: Scan, labels: Labels) -> list[Problem]:
    """A warning for each outage under which the network has no stable rates."""
    return [
        Problem(
            code="resilience-unsettled",
            message=text("en", "resilience.unsettled", asset=labels.asset("en", one.asset.name), reason=one.error),
            message_zh=text("zh", "resilience.unsettled", asset=labels.asset("zh", one.asset.name), reason=one.error),
        )
        for one in found.unsettled
    ]
