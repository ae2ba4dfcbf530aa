"""What the engine's objects hold, for pickle: of those of a compiled engine it does not see it by itself."""

from __future__ import annotations

import copyreg
import pickle
import sys
from dataclasses import is_dataclass
from io import BytesIO
from typing import Any


def held(thing: object) -> dict[str, Any]:
    """Attribute → value, of an object without slots or of a compiled class."""
    names = getattr(type(thing), "__mypyc_attrs__", None) or vars(thing)
    return {name: getattr(thing, name) for name in names if hasattr(thing, name)}


def pickled(thing: object) -> bytes:
    """As ``pickle.dumps``."""
    content = BytesIO()
    pickler = pickle.Pickler(content, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, **dict.fromkeys(_compiled_classes(), _taken_apart)}
    pickler.dump(thing)
    return content.getvalue()


def _compiled_classes() -> set[type]:
    modules = [module for name, module in sys.modules.items() if name.startswith("chainsim.simulation.")]
    return {thing for module in modules for thing in vars(module).values() if hasattr(thing, "__mypyc_attrs__")}


def _taken_apart(thing: Any) -> tuple[Any, ...]:
    """An object of a compiled class: empty, then its own state, or its attributes also where it is frozen."""
    made = copyreg.__newobj__, (type(thing),)  # type: ignore[attr-defined]
    if hasattr(thing, "__setstate__") and not is_dataclass(
        thing
    ):  # those of frozen dataclasses know interpreted ones only
        return *made, thing.__getstate__()
    return *made, held(thing), None, None, _put_back


def _put_back(thing: object, state: dict[str, Any]) -> None:
    for name, value in state.items():
        object.__setattr__(thing, name, value)
