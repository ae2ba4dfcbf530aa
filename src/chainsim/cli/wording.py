"""Click's own words in the planner's language.

Click looks its words up with ``gettext``, which wants compiled catalogues where the system keeps them; a table is simpler to
ship and to read. What is not in the table stays English.
"""

from __future__ import annotations

import gettext
import sys

CHINESE: dict[str, str] = {
    "Usage:": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Show this message and exit.": "显示本说明。",
    "Show the version and exit.": "显示版本。",
    "Error: {message}": "错误：{message}",
    "Try '{command} {option}' for help.": "用法说明：{command} {option}",
    "Missing command.": "缺少命令。",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Choose from:\n\t{choices}": "可选：\n\t{choices}",
    "No such option {name!r}.": "没有选项 {name!r}。",
    "No such command {name!r}.": "没有命令 {name!r}。",
    "Did you mean {possibility}?": "是否想写 {possibility}？",
    "(Did you mean one of: {possibilities}?)": "（是否想写 {possibilities}？）",
    "Got unexpected extra argument ({args})": "多余的参数（{args}）",
    "Got unexpected extra arguments ({args})": "多余的参数（{args}）",
    "Option {name!r} does not take a value.": "选项 {name!r} 不带值。",
    "Option {name!r} requires an argument.": "选项 {name!r} 需要一个值。",
    "Invalid value: {message}": "无效的值：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的值无效：{message}",
    "{value!r} is not {choice}.": "{value!r} 不是 {choice}。",
    "{value!r} is not one of {choices}.": "{value!r} 不在可选值 {choices} 之中。",
    "{value!r} is not a valid {number_type}.": "{value!r} 不是整数。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 之内。",
    "{name} {filename!r} does not exist.": "{filename!r} 不存在。",
    "{name} {filename!r} is a file.": "{filename!r} 是文件，不是文件夹。",
    "{name} {filename!r} is a directory.": "{filename!r} 是文件夹，不是文件。",
    "{name} {filename!r} is not readable.": "{filename!r} 不可读。",
    "{name} {filename!r} is not writable.": "{filename!r} 不可写。",
}
"""Click's words → Chinese, with the same fields."""
_MODULES = ("core", "decorators", "exceptions", "formatting", "parser", "types")


def speak(lang: str) -> None:
    """From now on Click says its words in ``lang``."""
    for name in _MODULES:
        module = sys.modules.get(f"click.{name}")
        for word, function in (
            ("_", _chinese if lang == "zh" else gettext.gettext),
            ("ngettext", _chinese_of_two if lang == "zh" else gettext.ngettext),
        ):
            if hasattr(module, word):
                setattr(module, word, function)


def _chinese(message: str) -> str:
    return CHINESE.get(message, message)


def _chinese_of_two(singular: str, plural: str, count: int) -> str:
    return _chinese(singular if count == 1 else plural)
