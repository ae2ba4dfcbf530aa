"""The page's templates: everything that comes from a scenario is escaped."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from chainsim.texts import text

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, lang: str, /, **values: Any) -> str:
    """A template in ``lang`` ("en" or "zh"); ``t`` in it is ``text``."""
    return _environment().get_template(template).render(lang=lang, t=partial(text, lang), **values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("chainsim.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
