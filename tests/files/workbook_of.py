"""A scenario folder written as a workbook, for tests: the same statements in sheets."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

_NAMING = {
    "grades": "grade",
    "farms": "farm",
    "suppliers": "supplier",
    "pipelines": "pipeline",
    "railways": "railway",
    "customers": "customer",
}


_TABLES = (
    *_NAMING,
    *("plan", "purchases", "production", "prices", "receipts", "disruptions", "random_disruptions", "orders", "routes"),
    *("actual_deliveries", "actual_stocks"),
    *("visits", "complaints", "surveys", "invoices", "work_order_log"),
)


_DATES = (
    *("from", "date", "issued", "effective", "to"),
    *("planned", "visited", "report", "received", "answered", "closed", "due", "paid"),
)


def workbook_of(folder: Path) -> bytes:
    """The bytes of an ``.xlsx`` that says what ``folder`` says; dates are real dates, numbers real numbers."""
    document = yaml.load(folder.joinpath("scenario.yaml").read_text("utf-8"), yaml.SafeLoader)
    sheets: dict[str, list[dict[str, Any]]] = {}
    head: list[dict[str, Any]] = []
    for key, value in document.items():
        if key in _NAMING:
            sheets[key] = [{_NAMING[key]: name, **_flat(asset)} for name, asset in value.items()]
        elif key == "orders":
            sheets[key] = [_order_row(order, line) for order in value for line in order["lines"]]
        elif isinstance(value, list):
            sheets[key] = [{k: _cell(v) for k, v in row.items()} for row in value]
        elif isinstance(value, dict):
            head += [{"key": f"{key}.{inner}", "value": v} for inner, v in value.items()]
        else:
            head.append({"key": key, "value": value})
    sheets["scenario"] = head
    for railway, asset in document.get("railways", {}).items():
        routes = sheets.setdefault("routes", [])
        routes += [{"railway": railway, "customer": c, **route} for c, route in asset["routes"].items()]
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            rows = [{k: _typed(k, v) for k, v in row.items() if v != ""} for row in csv.DictReader(stream)]
        if file.stem in document and file.stem in _NAMING:
            _fill_in(sheets[file.stem], rows, _NAMING[file.stem])
        elif file.stem in _TABLES:
            sheets.setdefault(file.stem, []).extend(rows)
    return _written(sheets)


def _order_row(order: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    """An order's own columns repeated beside each of its lines."""
    return {k: _cell(v) for k, v in order.items() if k != "lines"} | {k: _cell(v) for k, v in line.items()}


def _fill_in(rows: list[dict[str, Any]], more: list[dict[str, Any]], key: str) -> None:
    """The columns of ``more`` beside those of the row with the same name."""
    by_name = {row[key]: row for row in rows}
    for row in more:
        if row[key] in by_name:
            by_name[row[key]].update(row)
        else:
            rows.append(row)


def _written(sheets: dict[str, list[dict[str, Any]]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        sheet.write_row(0, 0, columns)
        for r, row in enumerate(rows, 1):
            for column, value in row.items():
                if hasattr(value, "year"):
                    sheet.write_datetime(r, columns.index(column), value, day)
                elif isinstance(value, str):
                    sheet.write_string(r, columns.index(column), value)
                else:
                    sheet.write(r, columns.index(column), value)
    book.close()
    return buffer.getvalue()


def _flat(asset: dict[str, Any]) -> dict[str, Any]:
    title = {f"title_{lang}": text for lang, text in asset.get("title", {}).items()}
    return {k: _cell(v) for k, v in asset.items() if k not in ("title", "routes")} | title


def _cell(value: Any) -> Any:
    """Small mappings and lists in the compact way of one cell."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(inner := next(iter(value.values())), dict):
        return f"{next(iter(value))}({'; '.join(f'{k}={v}' for k, v in inner.items())})"
    if isinstance(value, dict):
        return "; ".join(f"{k}={v}" for k, v in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join("=".join(str(v) for v in row.values()) for row in value)
    if isinstance(value, list):
        return "; ".join(str(v) for v in value)
    if isinstance(value, str) and value[:4].isdigit() and ":" in value:
        return datetime.fromisoformat(value)
    return value


def _typed(column: str, text: str) -> Any:
    if column in _DATES:
        return datetime.fromisoformat(text)
    if column in ("period", "number"):
        return text
    try:
        return float(text)
    except ValueError:
        return text
