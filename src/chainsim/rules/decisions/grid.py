"""The sheet of a decision table as cells with their places, from a CSV file or a workbook that lies beside the rule file."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from chainsim.errors import Problem
from chainsim.model.messages import name_list, nearest_name
from chainsim.rules.language.tree import ExpressionError
from chainsim.sheets import (
    SHEET_TEMPLATES,
    CsvCells,
    Limits,
    SheetError,
    cell_name,
    cell_range,
    decode,
    read_csv_cells,
    read_workbook_cells,
)

LARGEST_BYTES = 4_000_000
LARGEST_CSV_BYTES = 1_000_000
MOST_ROWS = 2_000
MOST_COLUMNS = 50
MOST_TOLD = 50
"""Problems told of one table; the rest are counted."""
_WORKBOOK = Limits(unpacked_bytes=16_000_000, cells=1_000_000)
_OTHER_WORKBOOKS = (".xls", ".xlsm", ".xlsb", ".ods", ".et", ".numbers")


class Spot(NamedTuple):
    """A place: line and column of a CSV file, or a cell of a sheet."""

    file: str
    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""


@dataclass(slots=True)
class Telling:
    """Problems and warnings found so far; ``path`` is the table's place in the rule file."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def fail(
        self,
        at: Spot,
        code: str,
        message: str,
        message_zh: str,
        *,
        accepted: str = "",
        accepted_zh: str = "",
        found: str = "",
        nearest: str = "",
    ) -> None:
        """Note a mistake."""
        rest = {"accepted": accepted, "accepted_zh": accepted_zh or accepted, "found": found, "nearest": nearest}
        self.problems.append(self._problem(at, code, message, message_zh, **rest))

    def error(self, at: Spot, code: str, error: ExpressionError, found: str) -> None:
        """Note what is wrong with a text."""
        shown = found if len(found) <= 60 else found[:59] + "…"
        self.fail(
            at,
            code,
            error.message,
            error.message_zh,
            accepted=error.accepted,
            accepted_zh=error.accepted_zh,
            found=shown,
            nearest=error.nearest,
        )

    def warn(self, at: Spot, code: str, message: str, message_zh: str) -> None:
        """Note something worth telling that is no mistake."""
        self.warnings.append(self._problem(at, code, message, message_zh))

    def told_problems(self) -> tuple[Problem, ...]:
        """The problems in order of their places, cut after ``MOST_TOLD``."""
        return _cut(self.problems, "problems", "问题")

    def told_warnings(self) -> tuple[Problem, ...]:
        """The warnings likewise."""
        return _cut(self.warnings, "warnings", "提示")

    def _problem(self, at: Spot, code: str, message: str, message_zh: str, **rest: str) -> Problem:
        return Problem(
            code=code, message=message, message_zh=message_zh, path=self.path, file=at.file, line=at.line, column=at.column,
            sheet=at.sheet, cell=at.cell, **rest,
        )  # fmt: skip


def _cut(found: Sequence[Problem], what: str, what_zh: str) -> tuple[Problem, ...]:
    told = sorted(found, key=lambda problem: (problem.line, problem.column))
    if len(told) <= MOST_TOLD:
        return tuple(told)
    more = len(told) - MOST_TOLD
    rest = replace(
        told[MOST_TOLD], code="decision-more", message=f"and {more} more {what} in this table",
        message_zh=f"此表另有 {more} 个{what_zh}", accepted="", accepted_zh="", found="", nearest="",
    )  # fmt: skip
    return (*told[:MOST_TOLD], rest)


@dataclass(frozen=True, slots=True)
class Grid:
    """A header and rows of (line or sheet row, cells)."""

    file: str
    sheet: str
    header_line: int
    header: tuple[object, ...]
    rows: tuple[tuple[int, Sequence[object]], ...]
    merged: tuple[tuple[str, tuple[int, int, int, int]], ...] = ()
    """Merged ranges with their first and last row and column."""
    hollow: frozenset[str] = frozenset()
    """Cells with an error or a formula without value, already told."""
    csv: CsvCells | None = None

    def at(self, line: int, index: int = -1, offset: int = 0) -> Spot:
        """A row, a cell of it, or a character of the cell."""
        if self.csv is None:
            return Spot(self.file, line, 0, self.sheet, cell_name(line, index) if index >= 0 else f"{line}:{line}")
        if index < 0:
            return Spot(self.file, line)
        column = self.csv.column(line, index)
        quoted = column and self.csv.lines[line - 1][column - 1 : column] == '"'
        return Spot(self.file, line, column + offset + bool(quoted) if column else 0)

    def is_hollow(self, line: int, index: int) -> bool:
        """Whether the cell was told as an error or a formula without value."""
        return self.csv is None and cell_name(line, index) in self.hollow


def read_grid(folder: Path, file: str, sheet: str, telling: Telling) -> Grid | None:
    """The cells of ``file`` in ``folder``, or None with problems told."""
    path = _path_beside(folder, file, telling)
    if path is None:
        return None
    spot = Spot(str(folder / file))
    data = _bytes(path, spot, telling)
    if data is None:
        return None
    try:
        if path.suffix.lower() == ".csv":
            grid = _csv_grid(data, spot, sheet, telling)
        else:
            grid = _workbook_grid(data, spot, sheet, telling)
    except SheetError as error:
        message, message_zh, accepted, accepted_zh = (t.format_map(error.values) for t in SHEET_TEMPLATES[error.code])
        telling.fail(
            spot._replace(line=error.line, column=error.column), "decision-file", message, message_zh, accepted=accepted,
            accepted_zh=accepted_zh, found=error.found,
        )  # fmt: skip
        return None
    return grid if grid is not None and _within_limits(grid, telling) else None


def _path_beside(folder: Path, file: str, telling: Telling) -> Path | None:
    """The file, if its name is a plain one and leads nowhere else."""
    spot = Spot(str(folder / file) if file.isprintable() and "/" not in file else str(folder))
    if (
        file != Path(file).name
        or not file.isprintable()
        or any(c in file for c in '/\\:*?"<>|')
        or file[:1] in ("", "~")
    ):
        telling.fail(
            Spot(str(folder)), "decision-file", "file: is the plain name of a file beside the rule file",
            "file: 只能是规则文件同一目录下的文件名", accepted="tiering.csv", found=file[:60],
        )  # fmt: skip
        return None
    path = folder / file
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        other = suffix in _OTHER_WORKBOOKS
        telling.fail(
            spot, "decision-file", "decision tables are .csv or .xlsx files", "决策表应为 .csv 或 .xlsx 文件",
            accepted="save it as .xlsx (without macros)" if other else ".csv, .xlsx",
            accepted_zh="另存为 .xlsx（不含宏）" if other else ".csv、.xlsx", found=file,
        )  # fmt: skip
        return None
    try:
        home, real = folder.resolve(), path.resolve(strict=True)
        regular = stat.S_ISREG(real.stat().st_mode)
    except (OSError, RuntimeError, ValueError):  # RuntimeError: links in a circle
        known = sorted(p.name for p in folder.glob("*") if p.suffix.lower() in (".csv", ".xlsx"))
        telling.fail(
            spot, "decision-file", "there is no such file beside the rule file", "规则文件所在目录中没有这个文件",
            accepted=name_list(known), found=file, nearest=nearest_name(file, known),
        )  # fmt: skip
        return None
    if real.parent != home:
        telling.fail(
            spot, "decision-file", "the file is a link that leaves the folder of the rules", "该文件是指向规则目录之外的链接",
            accepted="a file in the same folder", accepted_zh="同一目录中的文件", found=file,
        )  # fmt: skip
        return None
    if not regular:
        telling.fail(spot, "decision-file", "this is no file", "这不是文件", accepted=".csv, .xlsx", found=file)
        return None
    return real


def _bytes(path: Path, spot: Spot, telling: Telling) -> bytes | None:
    limit = LARGEST_CSV_BYTES if path.suffix.lower() == ".csv" else LARGEST_BYTES
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        telling.fail(spot, "decision-file", f"the file cannot be read: {reason}", f"文件无法读取：{reason}")
        return None
    if len(data) > limit:
        telling.fail(
            spot, "decision-file", f"the file has more than {limit} bytes", f"文件超过 {limit} 字节", accepted="a smaller file",
            accepted_zh="较小的文件",
        )  # fmt: skip
        return None
    return data


def _csv_grid(data: bytes, spot: Spot, sheet: str, telling: Telling) -> Grid | None:
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        telling.fail(
            spot, "decision-file", "this is a workbook with the name of a CSV file", "这是工作簿，扩展名却是 .csv",
            accepted="the name .xlsx", accepted_zh="扩展名 .xlsx",
        )  # fmt: skip
        return None
    if sheet:
        telling.fail(
            spot,
            "decision-file",
            "a CSV file has no sheets",
            "CSV 文件没有工作表",
            accepted="no 'sheet'",
            accepted_zh="不写 sheet",
            found=sheet,
        )
        return None
    text, chinese = decode(data)
    if chinese:
        telling.warn(
            spot, "decision-encoding", "the table is not UTF-8; it was read as GB18030 (Chinese Excel)",
            "表格不是 UTF-8，已按 GB18030（中文 Excel）读取",
        )  # fmt: skip
    cells = read_csv_cells(text, MOST_ROWS + 2)
    if not cells.rows:
        telling.fail(
            spot,
            "decision-empty",
            "the file is empty",
            "文件是空的",
            accepted="a header, then rows",
            accepted_zh="首行表头，其下各行规则",
        )
        return None
    (line, header), *rows = cells.rows
    return Grid(spot.file, "", line, _trimmed(header), tuple(rows), csv=cells)


def _workbook_grid(data: bytes, spot: Spot, sheet: str, telling: Telling) -> Grid | None:
    book = read_workbook_cells(data, _WORKBOOK)
    names = list(book.sheets)
    wanted = sheet.strip() or (names[0] if len(names) == 1 else "")
    if wanted not in book.sheets:
        if not names:
            message, message_zh = "the workbook is empty", "工作簿是空的"
        elif not wanted:
            message, message_zh = "the workbook has several sheets: say which one", "工作簿有多个工作表：请指明"
        else:
            message, message_zh = (
                f"the workbook has no sheet '{wanted[:60]}' with cells",
                f"工作簿没有工作表“{wanted[:60]}”或其为空",
            )
        telling.fail(
            spot, "decision-file", message, message_zh, accepted=f"sheet: {name_list(names)}" if names else "",
            nearest=nearest_name(wanted, names) if wanted else "",
        )  # fmt: skip
        return None
    (line, header), *rows = book.sheets[wanted]
    hollow = {cell: found for name, cell, found in book.hollow if name == wanted}
    for cell, found in hollow.items():
        message, message_zh, accepted, accepted_zh = SHEET_TEMPLATES["error_cell" if found else "formula_not_computed"]
        telling.fail(
            spot._replace(line=cell_range(cell)[0], sheet=wanted, cell=cell), "decision-cell", message, message_zh,
            accepted=accepted, accepted_zh=accepted_zh, found=found,
        )  # fmt: skip
    merged = tuple((text, cell_range(text)) for name, text in book.merged if name == wanted)
    return Grid(spot.file, wanted, line, _trimmed(header), tuple(rows), merged, frozenset(hollow))


def _trimmed(header: Sequence[object]) -> tuple[object, ...]:
    cells = list(header)
    while cells and (cells[-1] is None or (isinstance(cells[-1], str) and not cells[-1].strip())):
        cells.pop()
    return tuple(cells)


def _within_limits(grid: Grid, telling: Telling) -> bool:
    if len(grid.rows) > MOST_ROWS:
        telling.fail(
            grid.at(grid.rows[MOST_ROWS][0]),
            "decision-file",
            f"the table has more than {MOST_ROWS} rows",
            f"决策表超过 {MOST_ROWS} 行",
            accepted="fewer rows; figures by the thousand belong in a table of the scenario",
            accepted_zh="减少行数；成千的数据应放在方案的表中",
        )
        return False
    if len(grid.header) > MOST_COLUMNS:
        telling.fail(
            grid.at(grid.header_line), "decision-file", f"the table has more than {MOST_COLUMNS} columns",
            f"决策表超过 {MOST_COLUMNS} 列", accepted=f"at most {MOST_COLUMNS}",
        )  # fmt: skip
        return False
    return True
