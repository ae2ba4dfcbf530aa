"""A mistake of the user's, told in both languages from the one table of texts."""

from __future__ import annotations

from chainsim.errors import Problem
from chainsim.texts import both


def mistake(
    code: str,
    key: str,
    *,
    file: str = "",
    path: str = "",
    found: str = "",
    accepted: str | tuple[str, str] = "",
    nearest: str = "",
    **values: object,
) -> Problem:
    """The problem that the text ``key`` tells, with its ``values`` filled in.

    ``accepted`` is the same in both languages, or (English, Chinese); the rest as in ``Problem``.
    """
    message, message_zh = both(key, **values)
    english, chinese = (accepted, accepted) if isinstance(accepted, str) else accepted
    return Problem(
        code=code, message=message, message_zh=message_zh, file=file, path=path, found=found, accepted=english,
        accepted_zh=chinese, nearest=nearest,
    )  # fmt: skip
