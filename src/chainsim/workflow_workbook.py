"""The use case of the workbook that planners fill in. Beside ``chainsim.workflow``, and of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chainsim.errors import InputError, Problem
from chainsim.mistakes import mistake


@dataclass(frozen=True)
class ExportedInput:
    """A scenario written as a workbook."""

    path: Path
    sheets: int
    rows: int
    cases: tuple[str, ...]
    warnings: tuple[Problem, ...]


def export_input(
    scenario: Path, workbook: Path | None = None, *, lang: str = "en", replace: bool = False
) -> ExportedInput:
    """The whole scenario at ``scenario`` as one workbook that every command takes in its place; default: NAME.xlsx here.

    Raises ``InputError`` with all problems of the scenario, or where the workbook exists (unless ``replace``) or cannot be
    written.
    """
    from chainsim.files import input_forms, load_statements
    from chainsim.reports import whole_file
    from chainsim.reports.input_workbook import input_workbook_bytes

    statements = load_statements(scenario)
    loaded = statements.loaded
    target = workbook or Path(f"{loaded.scenario.name}.xlsx")
    if target.exists() and not replace:
        raise InputError([mistake("output-workbook-exists", "error.workbook_exists", file=target.as_posix())])
    book = input_forms(statements, lang)
    with whole_file(target) as temporary:
        temporary.write_bytes(input_workbook_bytes(book))
    rows = sum(len(form.rows) for form in book.forms)
    return ExportedInput(target, len(book.forms), rows, loaded.cases, loaded.warnings)
