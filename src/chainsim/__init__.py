"""chainsim: rehearse a year of crude supply through pipelines, tank farms and rail before it happens.

From Python::

    import chainsim

    western = chainsim.load("scenarios/western")
    run = western.with_({"pipelines.trunk_east.capacity": 20000}).simulate()
    run.tables.completion
    run.causes("yumen")
    run.plot.stocks("lanzhou_depot")

Importing this loads nothing else: what is asked for is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainsim.analysis import Answers, Experiment, Study, answers, experiment, load, new, starter
    from chainsim.errors import ChainsimError, InputError, NoFeasibleAnswerError

__version__ = "0.1.0"

__all__ = [
    "Answers",
    "ChainsimError",
    "Experiment",
    "InputError",
    "NoFeasibleAnswerError",
    "Study",
    "answers",
    "experiment",
    "load",
    "new",
    "starter",
]

_ERRORS = ("ChainsimError", "InputError", "NoFeasibleAnswerError")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'chainsim' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(
        import_module("chainsim.errors" if name in _ERRORS else "chainsim.analysis"), name
    )
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
