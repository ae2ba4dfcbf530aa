"""One value at a time: what a cell or a YAML scalar may say, and what to write instead.

Every reader takes what a file gives (text, or a workbook's number, bool or date) and returns a plain value, or raises
``BadValueError`` with the code of its message. Nothing is guessed: what two readers could read differently is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple

from chainsim.model.messages import name_list, nearest_name
from chainsim.model.plan import Level, period_bounds

_COLOR = re.compile(r"#[0-9a-f]{6}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LEADING_ZERO = re.compile(r"[+-]?0\d[\d_]*", re.ASCII)
_DAY = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?", re.ASCII)
_PERIOD = re.compile(r"(\d{4})(?:[qQ]([1-4])|-(\d{2})(?:-([123]))?)?", re.ASCII)
_ERROR_CELLS = frozenset(
    (
        "#N/A",
        "#NAME?",
        "#REF!",
        "#DIV/0!",
        "#VALUE!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#GETTING_DATA",
        "#########",
    )
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
EXCEL_EPOCH = date(1899, 12, 30)


class BadValueError(ValueError):
    """A value that cannot be read: ``code`` names the message, ``values`` fill it."""

    def __init__(self, code: str, nearest: str = "", **values: object) -> None:
        self.code = code
        self.nearest = nearest
        self.values = values
        super().__init__(code)


class Period(NamedTuple):
    """A calendar period [start, end) of a level."""

    level: Level
    start: date
    end: date


def read_number(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool):
        raise BadValueError("not_a_number", suggestion="13700")
    if isinstance(value, (int, float)):
        number = float(value)
    elif isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text) or _LEADING_ZERO.match(text):
            raise _bad_number(text)
        number = float(text)
    elif isinstance(value, (date, time, timedelta)):
        raise BadValueError("date_for_number")
    else:
        raise _not_a_scalar(value)
    if not isfinite(number):
        raise BadValueError("number_not_finite")
    return number


def read_count(value: Any) -> int:
    """A whole number."""
    number = read_number(value)
    if number != int(number):
        raise BadValueError("not_whole", suggestion=f"{number:.0f}")
    return int(number)


def read_share(value: Any) -> float:
    """A fraction, or a percentage with its sign: 0.002 or 0.2%."""
    if isinstance(value, str) and value.strip().endswith(("%", "％")):
        text = value.strip()[:-1].strip()
        try:
            return float(f"{read_number(text)}e-2")
        except BadValueError as bad:
            raise BadValueError(bad.code, nearest=f"{bad.nearest}%" if bad.nearest else "", **bad.values) from None
    try:
        return read_number(value)
    except BadValueError as bad:
        if "suggestion" in bad.values:
            raise BadValueError(bad.code, nearest=bad.nearest, suggestion="0.5") from None
        raise


def read_color(value: Any) -> str:
    """A colour as ``#rrggbb``, in small letters."""
    words = unicodedata.normalize("NFKC", read_text(value)).lower()
    if _COLOR.fullmatch(words):
        return words
    digits = words.removeprefix("#")
    if re.fullmatch(r"[0-9a-f]{3}", digits):
        digits = "".join(2 * digit for digit in digits)
    raise BadValueError("not_a_color", nearest=f"#{digits}" if _COLOR.fullmatch(f"#{digits}") else "")


def read_flag(value: Any) -> bool:
    """true or false."""
    if isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else str(value)
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    truth = {"yes": "true", "on": "true", "y": "true", "1": "true", "是": "true"}
    truth |= {"no": "false", "off": "false", "n": "false", "0": "false", "否": "false"}
    raise BadValueError("not_a_flag", nearest=truth.get(text.lower(), ""))


def read_text(value: Any) -> str:
    """Text; a workbook's number is written out plainly."""
    if isinstance(value, str):
        text = value.strip()
        if text.upper() in _ERROR_CELLS:
            raise BadValueError("error_cell")
        if not text:
            raise BadValueError("empty_value")
        return text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:.15g}"
    if isinstance(value, (date, time)):
        return value.isoformat()
    raise _not_a_scalar(value)


def read_day(value: Any) -> date:
    """A calendar day, 2008-07-12 (2008/7/12, as Excel writes it, is as clear)."""
    instant = read_instant(value)
    if instant.time() != time(0):
        raise BadValueError("time_not_wanted", suggestion=instant.date())
    return instant.date()


def read_instant(value: Any) -> datetime:
    """A day with or without a time of day: 2008-04-10, 2008-04-10 08:00."""
    if isinstance(value, datetime):
        return _in_range(value.replace(tzinfo=None))
    if isinstance(value, date):
        return _in_range(datetime(value.year, value.month, value.day))
    if not isinstance(value, str):
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 15_000 < value < 80_000:
            raise BadValueError("date_serial", nearest=str(EXCEL_EPOCH + timedelta(days=int(value))))
        raise (
            BadValueError("not_a_date", suggestion="2008-07-12")
            if not isinstance(value, (dict, list))
            else _not_a_scalar(value)
        )
    return _instant_of(value.strip())


def read_period(value: Any) -> Period:
    """2008 (year), 2008Q3, 2008-07 (month), 2008-07-1 / -2 / -3 (ten-day period 旬)."""
    if isinstance(value, (date, datetime)):
        raise BadValueError("date_for_period", nearest=f"{value:%Y-%m}")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value):
        value = str(int(value))
    if not isinstance(value, str):
        raise _not_a_scalar(value)
    return _period_of(value.strip())


def read_edge(value: Any) -> date:
    """The first day of a period, or a day: 2008-10 or 2008-10-15."""
    try:
        return read_day(value)
    except BadValueError:
        return read_period(value).start


def read_choice(value: Any, choices: tuple[str, ...]) -> str:
    """One of ``choices``, in small letters."""
    text = read_text(value)
    if text.lower() in choices:
        return text.lower()
    names = name_list(choices, 20)
    raise BadValueError("not_a_choice", nearest=nearest_name(text, choices), choices=names, choices_zh=names)


def plain_number(text: str) -> str:
    """The number that ``text`` probably means, plainly written; "" if that is anybody's guess.

    >>> [plain_number(t) for t in ("１２００", "1,300", "一千二", "1_000", "017", "12万", "1.2.3")]
    ['1200', '1300', '1200', '1000', '17', '120000', '']
    """
    narrow = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("O", "0")
    narrow = re.sub(r"(?<=\d)[, _'](?=\d{3}(?!\d))", "", narrow).replace("_", "")
    narrow = re.sub(r"\s*(t/d|t|kt|吨/日|吨|元/吨|元|m3)$", "", narrow)
    factor = 1.0
    if narrow.endswith(("万", "萬", "亿")) and _NUMBER.fullmatch(narrow[:-1]):
        factor, narrow = (1e8 if narrow.endswith("亿") else 1e4), narrow[:-1]
    if _NUMBER.fullmatch(narrow):
        number = float(narrow) * factor
        return f"{number:.15g}" if isfinite(number) else ""
    spoken = _chinese_number(narrow)
    return "" if spoken is None else str(spoken)


@lru_cache(maxsize=4096)
def _instant_of(text: str) -> datetime:
    day, _, clock = text.replace("T", " ").partition(" ")
    match = _DAY.fullmatch(day)
    if not match:
        if text.upper() in _ERROR_CELLS:
            raise BadValueError("error_cell")
        raise BadValueError("not_a_date", nearest=_probable_day(text), suggestion="2008-07-12")
    hour = minute = second = 0
    extra = 0
    if clock.strip():
        parts = _TIME.fullmatch(clock.strip())
        if not parts:
            raise BadValueError("not_a_date", nearest=day.replace("/", "-"), suggestion="2008-07-12 08:00")
        hour, minute, second = (int(part or 0) for part in parts.groups())
        if (hour, minute, second) == (24, 0, 0):
            hour, extra = 0, 1
    try:
        when = datetime(int(match[1]), int(match[3]), int(match[4]), hour, minute, second)
    except ValueError:
        raise BadValueError("no_such_day") from None
    return _in_range(when + timedelta(days=extra))


def _in_range(when: datetime) -> datetime:
    if not _FIRST_YEAR <= when.year < _LAST_YEAR:
        raise BadValueError("year_out_of_range", first=_FIRST_YEAR, last=_LAST_YEAR)
    return when


@lru_cache(maxsize=4096)
def _period_of(text: str) -> Period:
    match = _PERIOD.fullmatch(text)
    if not match:
        if text.upper() in _ERROR_CELLS:
            raise BadValueError("error_cell")
        raise BadValueError("not_a_period", nearest=_probable_period(text))
    year, quarter, month, ten_day = int(match[1]), match[2], match[3], match[4]
    if not _FIRST_YEAR <= year < _LAST_YEAR:
        raise BadValueError("year_out_of_range", first=_FIRST_YEAR, last=_LAST_YEAR)
    if month and not 1 <= int(month) <= 12:
        raise BadValueError("no_such_month")
    level: Level = "annual"
    day = date(year, 1, 1)
    if quarter:
        level, day = "quarter", date(year, int(quarter) * 3 - 2, 1)
    elif month:
        level, day = "month", date(year, int(month), 1)
        if ten_day:
            level, day = "ten_day", date(year, int(month), int(ten_day) * 10 - 9)
    start, end = period_bounds(level, day)
    return Period(level, start, end)


def _probable_day(text: str) -> str:
    narrow = unicodedata.normalize("NFKC", text)
    match = re.search(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})(?!\d)", narrow)
    try:
        return str(date(int(match[1]), int(match[2]), int(match[3]))) if match else ""
    except ValueError:
        return ""


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _probable_period(text: str) -> str:
    narrow = unicodedata.normalize("NFKC", text).lower()
    day = _DAY.fullmatch(narrow)
    if day:
        return f"{day[1]}-{int(day[3]):02}" if 1 <= int(day[3]) <= 12 else ""
    if (match := re.fullmatch(r"([a-z]{3})[a-z]*[- ](\d{2}|\d{4})", narrow)) and match[1] in _MONTHS:
        return f"{match[2] if len(match[2]) == 4 else '20' + match[2]}-{_MONTHS.index(match[1]) + 1:02}"
    if (match := re.search(r"(\d{4})\D{0,2}q?第?([1-4])\s*(季|$)", narrow)) and ("季" in narrow or "q" in narrow):
        return f"{match[1]}Q{match[2]}"
    if (match := re.search(r"(\d{4})\D{0,2}(\d{1,2})", narrow)) and 1 <= int(match[2]) <= 12:
        tail = next((f"-{i}" for i, word in enumerate("上中下", 1) if word in narrow), "")
        return f"{match[1]}-{int(match[2]):02}{tail}"
    return ""


def _bad_number(text: str) -> BadValueError:
    nearest = plain_number(text)
    if not text:
        return BadValueError("empty_value")
    if text.upper() in _ERROR_CELLS:
        return BadValueError("error_cell")
    if text.lower().lstrip("+-") in (".nan", ".inf", "nan", "inf", "infinity"):
        return BadValueError("number_not_finite")
    if _LEADING_ZERO.match(text):
        return BadValueError("leading_zero", nearest=nearest)
    if re.fullmatch(r"[+-]?0[xob][0-9a-fA-F_]+", text):
        return BadValueError("number_base")
    if re.fullmatch(r"[+-]?\d+(:[0-5]?\d)+(\.\d*)?", text):
        return BadValueError("base_sixty")
    if text.endswith(("%", "％")):
        return BadValueError("percent_not_wanted")
    if any(ord(c) > 127 and unicodedata.normalize("NFKC", c) != c for c in text) and nearest:
        return BadValueError("full_width", nearest=nearest)
    if re.fullmatch(r"[+-]?\d{1,3}([, '_]\d{3})+(\.\d+)?", text):
        return BadValueError("thousands_separator", nearest=nearest)
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return BadValueError("decimal_comma", nearest=text.replace(",", "."))
    if nearest and any(c in _DIGITS or c in _UNITS or c in "亿" for c in text):
        return BadValueError("number_in_words", nearest=nearest)
    if nearest:
        return BadValueError("number_with_unit", nearest=nearest)
    return BadValueError("not_a_number", suggestion="13700")


def _not_a_scalar(value: Any) -> BadValueError:
    if value is None:
        return BadValueError("empty_value")
    return BadValueError("not_a_scalar")


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "二": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}


def _chinese_number(text: str) -> int | None:
    """一千二 = 1200, 三万五千 = 35000; None if it is not a number in words."""
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = section = digit = 0
    last_unit = 10
    zero = False
    for c in text:
        if c in _DIGITS:
            digit, zero = _DIGITS[c], zero or c in "零〇"
        elif _UNITS[c] == 10_000:
            total, section, digit, last_unit = (total + section + digit) * 10_000, 0, 0, 10_000
        else:
            section += (digit or 1) * _UNITS[c]
            digit, last_unit, zero = 0, _UNITS[c], False
    if digit and not zero and last_unit > 10:  # 一千二 says 1200, 一千零二 says 1002
        digit *= last_unit // 10
    return total + section + digit


def split_compact(text: str) -> list[tuple[str, str]]:
    """The compact way to write a small mapping in one cell: ``tarim=60000; kazakh=20000``.

    Raises ``BadValueError`` where a part has no ``=``.
    """
    out = []
    for part in re.split(r"[;；]", text):
        if not part.strip():
            continue
        name, sign, value = (p.strip() for p in re.sub("＝", "=", part).partition("="))
        if not sign or not name:
            raise BadValueError("not_compact")
        out.append((name, value))
    return out


def split_names(text: str) -> list[str]:
    """Names in one cell, separated by semicolons: ``tarim; kazakh``."""
    return [part.strip() for part in re.split(r"[;；]", text) if part.strip()]


def choices_text(names: Iterable[str]) -> str:
    """Names joined for a message."""
    return name_list(names, 40)
