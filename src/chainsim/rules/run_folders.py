"""Folders of result tables from earlier runs, one or thousands: found, looked over, and given to the rules."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chainsim.errors import InputError, Problem
from chainsim.model import Label
from chainsim.model.messages import name_list
from chainsim.results import Column, Labels, Table
from chainsim.results.catalogue import TABLES
from chainsim.rules.applying import Outcome, apply_to_runs
from chainsim.rules.loading import in_all, tables_to_load
from chainsim.rules.resolving import flags_of
from chainsim.rules.rule import Rule
from chainsim.rules.running.evaluating import tables_of

if TYPE_CHECKING:
    import pyarrow as pa

MOST_RUNS = 20_000
"""More files than this many runs have cannot be looked over in a minute."""
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What rules found in ``runs``; ``skipped`` are those that could not be asked, with the tables that no run has."""

    outcome: Outcome
    runs: tuple[Path, ...]
    labels: Labels
    skipped: Mapping[str, tuple[str, ...]]


def apply_to_folders(
    rules: Sequence[Rule],
    folders: Sequence[Path],
    *,
    threads: int = 2,
    done: Callable[[int, int], None] = lambda done, of: None,
) -> Evaluation:
    """``rules`` over every run in ``folders``, each a run's tables (``TABLE.parquet``) or a folder with runs somewhere below.

    A rule that needs a table no run has is left out and told; ``done`` hears how many rules of how many are finished. Names are
    those of the first run's table ``assets``. Raises ``InputError`` where there is no run, where only some runs have a table, or
    where a table is not what its declaration says.
    """
    import duckdb

    runs = run_folders(folders)
    chosen, skipped = _askable(rules, runs)
    problems = list(_misfits(chosen, runs))
    if problems:
        raise InputError(problems)
    if not chosen:
        missing = sorted({table for tables in skipped.values() for table in tables})
        raise InputError([_nothing_to_read(folders[0], missing)])
    count = 0

    def finished(rule_id: str) -> None:
        nonlocal count
        count += 1
        done(count, len(chosen))

    labels = labels_of_run(runs[0])
    try:
        outcome = apply_to_runs(chosen, runs, labels, threads=threads, done=finished)
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.ConversionException) as error:
        message = str(error).splitlines()[0]
        raise InputError(
            [
                Problem(
                    code="rule-tables",
                    message=f"a table cannot be read: {message}",
                    message_zh=f"结果表无法读取：{message}",
                )
            ]
        ) from error
    return Evaluation(outcome, runs, labels, skipped)


def run_folders(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The folders at or below ``folders`` that hold result tables, each once, in order of name.

    Raises ``InputError`` for a folder that holds none.
    """
    found: dict[str, Path] = {}
    problems = []
    for folder in folders:
        runs = list(_below(folder))
        found.update((os.path.realpath(run), run) for run in runs if os.path.realpath(run) not in found)
        if not runs:
            problems.append(_no_tables(folder))
    if len(found) > MOST_RUNS:
        message, message_zh = f"more than {MOST_RUNS:,} runs at once", f"一次不能超过 {MOST_RUNS:,} 个运行"
        problems.append(Problem(code="rule-tables", message=message, message_zh=message_zh, file=str(folders[-1])))
    if problems:
        raise InputError(problems)
    return tuple(found.values())


def require_tables(rules: Iterable[Rule], runs: Sequence[Path]) -> None:
    """Raise ``InputError`` for tables that ``rules`` need and ``runs`` do not have, or have otherwise than declared."""
    rules = list(rules)
    missing = [
        _missing(run / f"{table.name}.parquet")
        for run in runs
        for table in tables_of(rules)
        if not (run / f"{table.name}.parquet").is_file()
    ]
    problems = missing or list(_misfits(rules, runs))
    if problems:
        raise InputError(problems)


def labels_of_run(run: Path) -> Labels:
    """The names that a run's table ``assets`` gives; none where there is no such table."""
    from pyarrow import ArrowException
    from pyarrow import parquet as pq

    names = ("asset", "kind", "label_en", "label_zh")
    try:
        # Not read_table, which loads half of Arrow's datasets for one small file.
        columns = pq.ParquetFile(run / "assets.parquet").read(columns=list(names)).to_pydict()
    except (OSError, ArrowException):
        return Labels({}, {})
    assets: dict[str, Label] = {}
    grades: dict[str, Label] = {}
    for name, kind, label_en, label_zh in zip(*(columns[column] for column in names), strict=True):
        (grades if kind == "grade" else assets)[name] = Label(label_en or "", label_zh or "")
    return Labels(assets, grades)


def _below(folder: Path) -> Iterator[Path]:
    """Runs at ``folder`` or below; what lies below a run is not looked at, nor are folders whose names begin with a dot."""
    for place, names, files in os.walk(folder):
        if any(file.endswith(".parquet") and file.removesuffix(".parquet") in TABLES for file in files):
            names.clear()
            yield Path(place)
        else:
            names[:] = sorted(name for name in names if not name.startswith("."))


def _askable(rules: Sequence[Rule], runs: Sequence[Path]) -> tuple[list[Rule], dict[str, tuple[str, ...]]]:
    """The rules whose tables are there, and the others with what they lack (through the flags they read, too)."""
    needed = {table.name for table in tables_of(rules)}
    having = {name: [run for run in runs if (run / f"{name}.parquet").is_file()] for name in sorted(needed)}
    partly = [_partly(name, runs, found) for name, found in having.items() if 0 < len(found) < len(runs)]
    if partly:
        raise InputError(partly)
    lacks = {rule.id: tuple(table.name for table in tables_of([rule]) if not having[table.name]) for rule in rules}
    spread = True
    while spread:
        spread = False
        for rule in rules:
            read = flags_of(rule.references) | flags_of(rule.rows.inner)
            inherited = sorted({table for flag in read for table in lacks.get(flag, ())} - set(lacks[rule.id]))
            if inherited:
                lacks[rule.id] += tuple(inherited)
                spread = True
    skipped = {rule_id: tables for rule_id, tables in lacks.items() if tables}
    return [rule for rule in rules if rule.id not in skipped], skipped


def _misfits(rules: Iterable[Rule], runs: Sequence[Path]) -> Iterator[Problem]:
    """Columns that the rules' tables should have and a file does not, or not of a type that can be read so."""
    from pyarrow import ArrowException
    from pyarrow import parquet as pq

    told = 0
    rules = list(rules)
    own = tables_of(rules)
    more = tables_to_load(rules, lambda name: in_all(runs, name))
    for table in (*own, *(table for table in more if table.name not in {t.name for t in own})):
        for run in runs:
            path = run / f"{table.name}.parquet"
            try:
                schema = pq.read_schema(path)
            except (OSError, ArrowException) as error:
                reason = str(error).splitlines()[0]
                found = Problem(
                    code="rule-tables", message=f"is no Parquet table: {reason}", message_zh=f"不是 Parquet 表：{reason}",
                    file=str(path),
                )  # fmt: skip
            else:
                wrong = misfit(table, schema, path)
                if wrong is None:
                    continue
                found = wrong
            yield found
            told += 1
            if told == _MOST_TOLD:
                return


def misfit(table: Table, schema: pa.Schema, path: Path) -> Problem | None:
    """What is wrong with the columns of the table at ``path``, if anything: one missing, or not of a type that can be read so."""
    missing = [column.name for column in table.columns if column.name not in schema.names]
    if missing:
        names = name_list(missing)
        return Problem(
            code="rule-tables", message=f"the table lacks {names}: run the scenario again with this version of chainsim",
            message_zh=f"缺少列 {names}：请用当前版本重新运行情景", file=str(path),
            accepted=name_list(c.name for c in table.columns),
        )  # fmt: skip
    wrong = [column for column in table.columns if not _is_fit(column, schema.field(column.name).type)]
    if wrong:
        column = wrong[0]
        found = str(schema.field(column.name).type)
        return Problem(
            code="rule-tables", message=f"column '{column.name}' is no {column.type}",
            message_zh=f"列“{column.name}”的类型不符", file=str(path), found=found, accepted=column.dtype,
        )  # fmt: skip
    return None


def _is_fit(column: Column, found: pa.DataType) -> bool:
    """Whether a column of this type can be read as declared; a column of nulls can be anything."""
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_null(found):
        return True
    match column.type:
        case "date" | "instant":
            return bool(kinds.is_timestamp(found) or kinds.is_date(found))
        case "number" | "integer":
            return bool(kinds.is_floating(found) or kinds.is_integer(found))
        case "boolean":
            return bool(kinds.is_boolean(found))
    plain = found.value_type if kinds.is_dictionary(found) else found
    return bool(kinds.is_string(plain) or kinds.is_large_string(plain))


def _partly(name: str, runs: Sequence[Path], having: Sequence[Path]) -> Problem:
    has = set(having)
    without = next(run for run in runs if run not in has)
    count = len(runs) - len(having)
    return Problem(
        code="rule-tables", message=f"{count} of {len(runs)} runs have no table '{name}', this one among them",
        message_zh=f"{len(runs)} 个运行中有 {count} 个缺少表“{name}”，此为其一", file=str(without),
        accepted=f"{name}.parquet",
    )  # fmt: skip


def _missing(path: Path) -> Problem:
    return Problem(
        code="rule-tables", message="the rule needs this table, and it is not there", message_zh="规则需要此表，但文件不存在",
        file=str(path),
    )  # fmt: skip


def _no_tables(folder: Path) -> Problem:
    return Problem(
        code="rule-tables", message="the folder holds no result tables", message_zh="文件夹中没有结果表", file=str(folder),
        accepted="a folder that chainsim run wrote (TABLE.parquet), or a folder of such folders",
        accepted_zh="chainsim run 写出的文件夹（TABLE.parquet），或含多个此类文件夹的文件夹",
    )  # fmt: skip


def _nothing_to_read(folder: Path, missing: Sequence[str]) -> Problem:
    return Problem(
        code="rule-tables", message="no rule can be asked: every one needs a table that is not there",
        message_zh="没有可执行的规则：所需的表均不存在", file=str(folder),
        accepted=name_list((f"{table}.parquet" for table in missing), 30),
    )  # fmt: skip
