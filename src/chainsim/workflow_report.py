"""The use case of the report: a run, or two, as one page. Beside ``chainsim.workflow``, and of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chainsim import workflow
from chainsim.errors import InputError
from chainsim.workflow import Progress

if TYPE_CHECKING:
    from chainsim.reports.report_sections import Reported
    from chainsim.workflow import Run


def report(
    path: Path,
    *,
    since: Path | None = None,
    lang: str = "en",
    rules_folder: Path | None = None,
    progress: Progress = lambda stage: None,
) -> tuple[str, str]:
    """(name, page): the HTML of the run at ``path``, a results folder or a scenario, which is run first.

    ``since`` is an earlier run, of either kind, to compare with. Both are read before anything runs. Raises ``InputError`` with
    all problems of both.
    """
    from chainsim.reports.report import report_html
    from chainsim.reports.report_changes import NEEDED as COMPARED
    from chainsim.reports.report_sections import NEEDED

    progress("read")
    compared = () if since is None else COMPARED
    asked = [(path, (*NEEDED, *compared))] + ([] if since is None else [(since, compared)])
    stored: list[Reported | None] = []
    problems = []
    for place, needed in asked:
        try:
            stored.append(_stored(place, needed))
        except InputError as error:
            problems += [p for p in error.problems if p not in problems]
    if problems:
        raise InputError(problems)
    run, *earlier = (
        side or reported(workflow.run(place, rules_folder=rules_folder, progress=progress))
        for (place, _), side in zip(asked, stored, strict=True)
    )
    progress("write")
    return run.name, report_html(run, lang, earlier[0] if earlier else None)


def reported(outcome: Run, name: str = "") -> Reported:
    """An outcome of ``workflow.run`` as the report reads it: for whoever has one at hand."""
    from chainsim.reports.report_sections import Reported

    tables = {**outcome.tables, **outcome.told}
    return Reported(name or outcome.scenario.name, tables, outcome.labels, outcome.manifest)


def write_report(page: str, file: Path, *, browser: str = "") -> None:
    """The page to ``file`` and, with a ``browser`` to print it, to a PDF beside it: both whole, or neither."""
    from chainsim.reports import whole_file
    from chainsim.reports.printing import print_pdf

    with ExitStack() as stack:
        temporary = stack.enter_context(whole_file(file))
        temporary.write_text(page, encoding="utf-8")
        if browser:
            pdf = stack.enter_context(whole_file(file.with_suffix(".pdf")))
            html = temporary.with_suffix(".html")  # a browser goes by the ending
            html.write_text(page, encoding="utf-8")
            try:
                print_pdf(html, pdf, browser)
            finally:
                html.unlink()


def _stored(place: Path, needed: Sequence[str]) -> Reported | None:
    """An earlier run with the tables there are; ``None`` for a scenario, which is found to be in order before another runs."""
    from chainsim.files import load_scenario
    from chainsim.reports.reading import holds_run, stored_run
    from chainsim.reports.report_sections import WANTED, Reported

    if not holds_run(place) or (place / "scenario.yaml").is_file():
        load_scenario(place)
        return None
    run = stored_run(place, tuple(dict.fromkeys(needed)))
    there = set(run.tables)
    tables = {name: run.tables[name] for name in needed}
    for name in there.intersection(WANTED) - tables.keys():
        with suppress(InputError):  # as an earlier version wrote it: its section says that it is not there
            tables[name] = run.tables[name]
    return Reported(run.name, tables, run.labels, run.manifest)
