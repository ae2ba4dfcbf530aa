"""The engine compiled to machine code, where somebody had that done (``chainsim compile``): the same results, sooner.

mypyc makes an extension module of each module in ``simulation``. They lie in a folder beside the sources, with a stamp of all
they were made from. An engine whose sources have changed since, or that was made for another Python, is not used: the sources
run.
``CHAINSIM_INTERPRETED=1`` in the environment asks for the sources.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path

from chainsim.errors import ChainsimError

PACKAGE = Path(__file__).parent
GROUP = "chainsim_engine"
"""mypyc puts all the code into one library of this name; the modules only name it."""
_LIBRARY = f"{GROUP}__mypyc"
_STAMP = "made-from"
_TYPED = ("model", "network", "records.py", "errors.py")
"""What the engine is made of beside ``simulation``: the compiler believes the types these declare."""

_BUILD = """
import sys
from mypyc.build import mypycify
from setuptools import setup

made = mypycify(sys.argv[1:], group_name="{group}", opt_level="1", debug_level="0", multi_file=True)
for extension in made:
    # As Python reckons: a product is rounded before it is added to, on every processor.
    extension.extra_compile_args.append({contract!r})
setup(name="engine", packages=[], ext_modules=made, script_args=["--quiet", "build_ext", "--inplace", "--parallel", "{workers}"])
"""


class NotCompiledError(ChainsimError):
    """The engine could not be compiled; ``told`` is what was printed over it, never empty."""

    def __init__(self, told: str) -> None:
        self.told = told
        super().__init__(told)


def folder(package: Path = PACKAGE) -> Path:
    """Where the compiled modules of this Python lie, or would."""
    return package / "simulation" / "compiled" / f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"


def _sources(package: Path) -> Iterator[Path]:
    for name in ("simulation", *_TYPED):
        yield from sorted((package / name).glob("*.py")) if (package / name).is_dir() else [package / name]


def stamp(package: Path = PACKAGE) -> str:
    """What a compiled engine would have to be made from now: a hash of sources and Python."""
    found = hashlib.sha256(f"{sys.version} {sysconfig.get_platform()}".encode())
    for source in _sources(package):
        found.update(source.name.encode() + source.read_bytes())
    return found.hexdigest()


def modules(package: Path = PACKAGE) -> list[str]:
    """Where modules of ``simulation`` are to be looked for before their sources: nowhere, unless there is a compiled engine."""
    place = folder(package)
    made_from = place / _STAMP
    if os.environ.get("CHAINSIM_INTERPRETED") or not made_from.is_file():
        return []
    library = place / (_LIBRARY + sysconfig.get_config_var("EXT_SUFFIX"))
    if made_from.read_bytes() != stamp(package).encode() or not library.is_file():
        return []
    loader = ExtensionFileLoader(_LIBRARY, str(library))
    spec = spec_from_loader(_LIBRARY, loader)
    assert spec is not None
    try:
        sys.modules[_LIBRARY] = library_module = module_from_spec(spec)  # the modules ask for it by this name
        loader.exec_module(library_module)
    except ImportError:  # made on another machine, whose libraries are newer
        sys.modules.pop(_LIBRARY, None)
        return []
    return [str(place)]


def in_use() -> bool:
    """Whether this process runs the compiled engine."""
    return _LIBRARY in sys.modules


def can_compile() -> bool:
    """Whether what compiles is installed; a C compiler is looked for by itself."""
    return bool(find_spec("mypyc") and find_spec("setuptools"))


def remove(package: Path = PACKAGE) -> bool:
    """Run the sources again; whether there was anything to remove. Raises ``OSError``."""
    there = folder(package).is_dir()
    if there:
        shutil.rmtree(folder(package))
    return there


def compile_engine(package: Path = PACKAGE) -> None:
    """Make the compiled engine, a minute of work; one that could not be made whole is not used.

    Raises ``NotCompiledError`` and ``OSError``.
    """
    place, made_from = folder(package), stamp(package)
    with tempfile.TemporaryDirectory(prefix="chainsim-") as temporary:
        scratch = Path(temporary)
        _copy(package, scratch / "chainsim")
        for source in (scratch / "chainsim" / "simulation").glob("*.py"):
            source.write_text(_with_bare_new(source.read_text(encoding="utf-8")), encoding="utf-8")
        names = [f"chainsim/simulation/{file.name}" for file in (scratch / "chainsim" / "simulation").glob("[!_]*.py")]
        words = _BUILD.format(group=GROUP, contract=_NO_FUSING, workers=max(1, os.cpu_count() or 1))
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", words, *sorted(names)], cwd=scratch, capture_output=True, text=True, errors="replace",
            check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[1:])},
        )  # fmt: skip
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        made = [*scratch.glob(f"{_LIBRARY}*{suffix}"), *(scratch / "chainsim" / "simulation").glob(f"*{suffix}")]
        if done.returncode or len(made) != len(names) + 1:
            raise NotCompiledError((done.stdout + done.stderr).strip() or f"exit code {done.returncode}")
        remove(package)
        place.mkdir(parents=True)
        for file in made:
            shutil.copy2(file, place)
        (place / _STAMP).write_bytes(made_from.encode())  # last: without it nothing of this counts


_CLASS = r"^((?:@[^\n]+\n)*class \w+\b(?!\(NamedTuple))"


def _with_bare_new(source: str) -> str:
    """The source of a module whose classes mypyc makes as Python does: ``__new__`` alone gives an empty instance, for pickle."""
    marked = re.sub(_CLASS, r"@mypyc_attr(allow_interpreted_subclasses=True)\n\1", source, flags=re.MULTILINE)
    if marked == source:
        return source
    head, line, rest = marked.partition("from __future__ import annotations\n")
    return f"{head}{line}from mypy_extensions import mypyc_attr\n{rest}"


_NO_FUSING = "-ffp-contract=off" if os.name == "posix" else "/fp:precise"


def _copy(package: Path, target: Path) -> None:
    """The sources that are compiled and those they are typed by, without the package's front door, which names all the others."""
    for source in _sources(package):
        copy = target / source.relative_to(package)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
    (target / "__init__.py").touch()
