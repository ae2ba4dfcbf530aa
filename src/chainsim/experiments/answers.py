"""What the runs of a finished experiment say together: intervals, chances, differences, causes, fans, a tornado.

The dataset stays on disk: DuckDB goes through the Parquet files (with one thread, so that sums are added in one order and
equal data give equal bytes) and only the answers come into memory.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainsim.errors import InputError
from chainsim.experiments.about import About, about_from
from chainsim.experiments.answers_catalogue import ANSWER_TABLES, QUANTILES
from chainsim.experiments.folders import MANIFEST
from chainsim.experiments.intervals import t_quantile, wilson
from chainsim.mistakes import mistake
from chainsim.results import KPI_UNITS, KPIS, PLAN_FIGURES, Table, check_frame
from chainsim.texts import text

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_DUST = 1e-9
"""A completion this near to a threshold is at it."""
_APART = ("answer_failures", "answer_tornado")
"""What is told of each variant even where all of them are draws of one design."""
_HELD_AGAINST_PLAN = {*PLAN_FIGURES} - {"completion_original", "plan", "delivered", "herfindahl"}
"""Figures that are what they are only beside the plan in force."""
_ORDER = {kpi.name: i for i, kpi in enumerate(KPIS)}


@dataclass(frozen=True)
class Answers:
    """The answers of the experiment in ``folder``. ``tables`` are made when first asked for."""

    folder: Path
    about: About
    runs: int
    failed: int
    manifest: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]


def read_answers(folder: Path, *, baseline: int | None = None) -> Answers:
    """The answers of the finished experiment in ``folder``, compared with its own baseline or with the variant ``baseline``.

    Raises ``InputError`` where ``folder`` holds no finished experiment, or there is no such variant.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        about = about_from(manifest["about"])
    except (OSError, ValueError):
        raise InputError([mistake("experiment-answers", "experiment.no_answers", file=str(folder))]) from None
    except KeyError:
        raise InputError([mistake("experiment-answers", "experiment.other_version", file=str(folder))]) from None
    missing = [name for name in manifest["files"] if not (folder / name).is_file()]
    if missing:
        raise InputError([mistake("experiment-answers", "experiment.no_answers", file=str(folder / missing[0]))])
    if baseline is not None:
        if not 0 <= baseline < manifest["variants"]:
            raise InputError(
                [
                    mistake(
                        "experiment-answers",
                        "experiment.no_variant",
                        file=str(folder),
                        found=str(baseline),
                        last=manifest["variants"] - 1,
                    )
                ]
            )
        about = replace(about, baseline=baseline)
    tables = AnswerTables(folder, about, manifest["files"])
    return Answers(folder, about, manifest["runs"], manifest["failed"], manifest, tables)


def baseline_note(answers: Answers, lang: str) -> str:
    """What the reader of differences must know of the baseline: that it failed itself, or in some runs; else nothing."""
    about, failures, kpis = answers.about, answers.tables["answer_failures"], answers.tables["answer_kpis"]
    failed = failures[failures["variant"] == about.baseline]
    if failed.empty or about.pooled:
        return ""
    values = {"name": about.variant(lang, str(failed["name"].iloc[0])), "count": len(failed)}
    if (kpis["variant"] == about.baseline).any():
        return text(lang, "answers.baseline_partly", **values)
    return text(lang, "answers.baseline_failed", **values)


def least_seen(unit: str) -> float:
    """The least swing of a figure that a reader sees, who is told ratios to 0.1 % and tonnes whole."""
    return {"1": 0.0005, "t": 0.5}.get(unit, 1e-9)


class AnswerTables(Mapping[str, "pd.DataFrame"]):
    """The tables by name; that of stocks only where stocks were kept."""

    def __init__(self, folder: Path, about: About, files: Iterable[str]) -> None:
        self._folder = folder
        self._about = about
        self._files = sorted(files)
        self._built: dict[str, pd.DataFrame] = {}
        self._names = [n for n in ANSWER_TABLES if n != "answer_stocks" or "run_stocks.parquet" in self._files]

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._built:
            import duckdb

            with duckdb.connect(config={"threads": 1}) as connection:
                _views(connection, self._folder, self._files, pooled=self._about.pooled and name not in _APART)
                self._built[name] = _framed(ANSWER_TABLES[name], _MAKERS[name](connection, self._about))
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _views(connection: duckdb.DuckDBPyConnection, folder: Path, files: Iterable[str], *, pooled: bool) -> None:
    """The tables of the dataset's ``files`` as views; other files in the folder say nothing.

    Where the variants are draws of one design, all runs are of one, each a fate.
    """
    run = "0 AS variant, variant * 4294967296 + replication AS replication" if pooled else "variant, replication"
    for path in (folder / name for name in files if name.startswith("run")):
        file = path.as_posix().replace("'", "''")
        connection.execute(
            f"CREATE VIEW {path.stem} AS SELECT {run}, * EXCLUDE (variant, replication) FROM read_parquet('{file}')"
        )
    file = (folder / "variants.parquet").as_posix().replace("'", "''")
    connection.execute(f"CREATE VIEW variants AS SELECT * FROM read_parquet('{file}')")
    connection.execute(
        "CREATE VIEW names AS SELECT DISTINCT r.variant, COALESCE(v.name, '') AS name"
        " FROM runs r LEFT JOIN (SELECT DISTINCT variant, name FROM variants) v"
        f" ON {'FALSE' if pooled else 'v.variant = r.variant'}"
    )


def _kpis(connection: duckdb.DuckDBPyConnection, about: About) -> pd.DataFrame:
    frame = connection.execute(
        "SELECT variant, name, kpi, count(*) AS runs, avg(value) AS mean, stddev_samp(value) AS sd, min(value) AS least,"
        " quantile_cont(value, ?::DOUBLE[]) AS quantiles, max(value) AS most"
        " FROM run_kpis JOIN names USING (variant) WHERE isfinite(value) GROUP BY ALL",
        [list(QUANTILES)],
    ).df()
    frame["unit"] = [KPI_UNITS[name] for name in frame["kpi"]]
    _add_interval(frame, "mean", frame["sd"] / np.sqrt(frame["runs"]), frame["runs"], about)
    for i, share in enumerate(QUANTILES):
        frame[f"p{round(100 * share):02d}"] = [float(values[i]) for values in frame["quantiles"]]
    return _in_order(frame, ["variant"])


def _failures(connection: duckdb.DuckDBPyConnection, about: About) -> pd.DataFrame:
    return connection.execute(
        "SELECT variant, name, replication, status, error_en, error_zh FROM runs JOIN names USING (variant)"
        " WHERE status <> 'done' ORDER BY variant, replication"
    ).df()


def _customers(connection: duckdb.DuckDBPyConnection, about: About) -> pd.DataFrame:
    frame = connection.execute(
        "SELECT variant, name, customer, min(rowid) AS place, threshold, count(*) AS runs,"
        " count(*) FILTER (completion < threshold - ?) AS misses, avg(completion) AS completion"
        f" FROM (SELECT variant, customer, {about.completion_column} AS completion, row_number() OVER () AS rowid"
        " FROM run_customers) JOIN names USING (variant),"
        " (SELECT unnest(?::DOUBLE[]) AS threshold) WHERE completion IS NOT NULL"
        " GROUP BY variant, name, customer, threshold ORDER BY variant, threshold DESC, place",
        [_DUST, list(about.thresholds)],
    ).df()
    frame["probability"] = frame["misses"] / frame["runs"]
    limits = [wilson(int(m), int(n), about.confidence) for m, n in zip(frame["misses"], frame["runs"], strict=True)]
    frame["low"], frame["high"] = [low for low, _ in limits], [high for _, high in limits]
    return frame


def _differences(connection: duckdb.DuckDBPyConnection, about: About) -> pd.DataFrame:
    frame = connection.execute(
        "SELECT a.variant, name, kpi, count(*) AS pairs, avg(b.value) AS baseline, avg(a.value - b.value) AS difference,"
        " stddev_samp(a.value - b.value) AS sd, avg(CASE WHEN a.value > b.value THEN 1.0 ELSE 0.0 END) AS share_higher,"
        " bool_and(own.plan_id = other.plan_id) AS one_plan, bool_and(own.original_id = other.original_id) AS one_original"
        " FROM run_kpis a JOIN run_kpis b USING (kpi, replication) JOIN names ON names.variant = a.variant"
        " JOIN runs own ON own.variant = a.variant AND own.replication = a.replication"
        " JOIN runs other ON other.variant = b.variant AND other.replication = b.replication"
        " WHERE b.variant = ? AND a.variant <> b.variant AND isfinite(a.value) AND isfinite(b.value)"
        " GROUP BY a.variant, name, kpi",
        [about.baseline],
    ).df()
    frame["unit"] = [KPI_UNITS[name] for name in frame["kpi"]]
    original = frame["kpi"] == "completion_original"
    held = frame["kpi"].isin(_HELD_AGAINST_PLAN)
    frame["comparable"] = frame["one_original"].where(original, frame["one_plan"].where(held, other=True)).astype(bool)
    _add_interval(frame, "difference", frame["sd"] / np.sqrt(frame["pairs"]), frame["pairs"], about)
    return _in_order(frame, ["variant"])


def _causes(connection: duckdb.DuckDBPyConnection, about: About) -> pd.DataFrame:
    """Pairs in which neither variant knows a cause count as no difference."""
    frame = connection.execute(
        """
        WITH done AS (SELECT variant, replication FROM runs WHERE status = 'done'),
        pairs AS (SELECT a.variant, a.replication FROM done a JOIN done b USING (replication) WHERE b.variant = $baseline),
        counted AS (SELECT variant, count(*) AS n FROM pairs GROUP BY variant),
        causes AS (SELECT variant, replication, cause, COALESCE(asset, '') AS asset, sum(shortfall_t) AS t
                   FROM run_causes GROUP BY ALL),
        own AS (SELECT c.* FROM causes c JOIN pairs USING (variant, replication)),
        base AS (SELECT pairs.variant, c.replication, cause, asset, t
                 FROM causes c JOIN pairs USING (replication) WHERE c.variant = $baseline),
        paired AS (SELECT variant, replication, cause, asset, COALESCE(own.t, 0) AS a, COALESCE(base.t, 0) AS b
                 FROM own FULL JOIN base USING (variant, replication, cause, asset))
        SELECT variant, name, cause, asset, n, sum(b) / n AS baseline_t, sum(a) / n AS shortfall_t, sum(a - b) / n AS change_t,
               sum((a - b) * (a - b)) AS squares
        FROM paired JOIN counted USING (variant) JOIN names USING (variant)
        GROUP BY variant, name, cause, asset, n
        ORDER BY variant, abs(change_t) DESC, shortfall_t DESC, cause, asset
        """,
        {"baseline": about.baseline},
    ).df()
    spare = np.maximum(frame["n"] - 1, 1)
    variance = np.maximum(frame["squares"] - frame["n"] * frame["change_t"] ** 2, 0.0) / spare
    _add_interval(frame, "change_t", np.sqrt(variance / frame["n"]), frame["n"], about, ("low_t", "high_t"))
    return frame


def _stocks(connection: duckdb.DuckDBPyConnection, about: About) -> pd.DataFrame:
    frame = connection.execute(
        "SELECT variant, name, holder, day, count(*) AS runs, avg(stock_t) AS mean_t,"
        " quantile_cont(stock_t, ?::DOUBLE[]) AS quantiles, min(place) AS place FROM"
        " (SELECT *, row_number() OVER () AS place FROM run_stocks) JOIN names USING (variant)"
        " GROUP BY variant, name, holder, day ORDER BY variant, place",
        [list(QUANTILES)],
    ).df()
    for i, share in enumerate(QUANTILES):
        frame[f"p{round(100 * share):02d}_t"] = [float(values[i]) for values in frame["quantiles"]]
    return frame


def _tornado(connection: duckdb.DuckDBPyConnection, about: About) -> pd.DataFrame:
    import pandas as pd

    means = connection.execute(
        "SELECT variant, kpi, avg(value) AS mean FROM (SELECT variant, kpi, value FROM run_kpis UNION ALL"
        f" SELECT variant, customer, {about.completion_column} FROM run_customers)"
        " WHERE isfinite(value) AND list_contains(?::VARCHAR[], kpi) GROUP BY variant, kpi ORDER BY variant",
        [list(about.tornado)],
    ).df()
    levels = connection.execute("SELECT variant, factor, level, value FROM variants ORDER BY variant").df()
    rows = []
    for kpi in about.tornado:
        figures = means[means["kpi"] == kpi].set_index("variant")["mean"]
        for factor in about.factors:
            own = levels[(levels["factor"] == factor) & levels["variant"].isin(figures.index)]
            if about.design == "one_at_a_time":  # only where no other factor is moved as well
                own = own[(own["level"] != "") | (own["variant"] == 0)]
            row = _swing(own.assign(mean=figures.loc[own["variant"]].to_numpy()), drawn=about.pooled)
            if row is not None:
                rows.append({"kpi": kpi, "factor": factor, "unit": KPI_UNITS.get(kpi, "1"), **row})
    columns = [column.name for column in ANSWER_TABLES["answer_tornado"].columns]
    frame = pd.DataFrame(rows, columns=columns)
    frame["place"] = [about.tornado.index(kpi) for kpi in frame["kpi"]]
    frame["less"] = -frame["swing"]
    return frame.sort_values(["place", "less"], kind="stable")


def _swing(own: pd.DataFrame, *, drawn: bool) -> dict[str, Any] | None:
    """What one factor does to one figure: ``own`` has its level, its value and the figure by variant."""
    numeric = drawn and own["value"].notna().all() and own["value"].nunique() >= 4
    correlation = math.nan
    if numeric:
        correlation = float(own["value"].rank().corr(own["mean"].rank()))
        quarter = np.minimum((own["value"].rank(method="first").to_numpy() - 1) * 4 // len(own), 3)
        groups = [own[quarter == q] for q in range(4)]
        named = [
            (f"{g['value'].min():.6g} … {g['value'].max():.6g}", float(g["mean"].mean())) for g in groups if len(g)
        ]
    else:
        by_level = own.groupby("level", sort=False)
        listed = [(str(level), g["value"].iloc[0], float(g["mean"].mean())) for level, g in by_level]
        if all(value == value for level, value, _ in listed if level):
            stated = [entry for entry in listed if entry[0]]
            listed = sorted(stated, key=lambda entry: entry[1]) + [entry for entry in listed if not entry[0]]
        named = [(level, mean) for level, _, mean in listed]
    ends = [entry for entry in named if entry[0]] or named
    if not ends:
        return None
    figures = [mean for _, mean in named]
    return {
        "low_level": ends[0][0], "high_level": ends[-1][0], "at_low": ends[0][1], "at_high": ends[-1][1],
        "swing": max(figures) - min(figures), "correlation": correlation,
    }  # fmt: skip


def _add_interval(
    frame: pd.DataFrame, mean: str, error: Any, counts: Any, about: About, names: tuple[str, str] = ("low", "high")
) -> None:
    """The interval of confidence of a mean with this standard error; of a single run there is none."""
    factors = np.array([t_quantile(about.confidence, int(n) - 1) if n > 1 else math.nan for n in counts])
    frame[names[0]] = frame[mean] - factors * error
    frame[names[1]] = frame[mean] + factors * error


def _in_order(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """By ``keys``, then figures in the order in which they are declared."""
    return frame.assign(place=[_ORDER[name] for name in frame["kpi"]]).sort_values([*keys, "place"], kind="stable")


def _framed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Exactly the declared columns with the declared types."""
    import pandas as pd

    built: dict[str, Any] = {}
    for column in table.columns:
        values = frame[column.name]
        if column.type == "name":
            known = list(column.values) or list(dict.fromkeys(name for name in values if name))
            built[column.name] = pd.Categorical([name or None for name in values], categories=known)
        elif column.type == "text":
            built[column.name] = pd.array([str(value) for value in values], dtype="str")
        else:
            built[column.name] = values.to_numpy().astype(column.dtype)
    out = pd.DataFrame(built)
    check_frame(table, out)
    return out


_MAKERS: dict[str, Callable[[duckdb.DuckDBPyConnection, About], pd.DataFrame]] = {
    "answer_kpis": _kpis,
    "answer_failures": _failures,
    "answer_customers": _customers,
    "answer_differences": _differences,
    "answer_causes": _causes,
    "answer_tornado": _tornado,
    "answer_stocks": _stocks,
}
