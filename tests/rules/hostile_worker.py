"""Reads hostile rule folders under an audit hook, in a process of its own: hooks cannot be taken out again.

``python hostile_worker.py FOLDER_OF_FOLDERS`` prints one JSON line for each: what was told, what its findings say, the seconds of
processor time, and everything it tried to open, start or reach that it must not. The first line says how many seconds it takes
to read the shipped rules.
"""

from __future__ import annotations

import json
import resource
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

FORBIDDEN = (
    *(
        "socket.",
        "subprocess.",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.fork",
        "pty.",
        "ctypes.",
        "ftplib.",
    ),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown"),
    *("shutil.", "tempfile.", "webbrowser.", "urllib.", "http.", "smtplib.", "winreg.", "os.putenv", "pickle."),
)
ENOUGH_SECONDS = 30
"""After so much processor time one folder is given up, for the test to say which it was."""


def main(root: Path) -> None:
    from chainsim.rules import load_rules

    attempts: list[str] = []
    watched: list[Path] = []
    load_rules()  # whatever is imported on the way is imported now
    attempt(root / "warm_up")
    began = time.process_time()
    load_rules()
    say({"shipped_seconds": time.process_time() - began})
    installed = [Path(p).resolve() for p in (*sysconfig.get_paths().values(), Path(sys.base_prefix) / "lib")]
    installed += [Path(__file__).resolve().parents[2] / "src", Path("/proc/self")]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not watched:
            return
        if event.startswith(FORBIDDEN):
            attempts.append(event)
            raise PermissionError(f"{event} in a hostile folder")
        if event == "open" and isinstance(arguments[0], str | bytes):
            name = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
            path, mode = Path(name).resolve(), arguments[1] or "r"
            reads = not set(mode) & set("wax+")
            allowed = path.is_relative_to(watched[0]) or any(path.is_relative_to(home) for home in installed)
            if not (reads and allowed):
                attempts.append(f"open {name} {mode}")
                raise PermissionError(f"{name} opened from a hostile folder")

    sys.addaudithook(hook)
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        say({"begin": folder.name})
        watched[:] = [folder.resolve()]
        attempts.clear()
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + ENOUGH_SECONDS, resource.RLIM_INFINITY))
        began = time.process_time()
        outcome = attempt(folder)
        outcome |= {"name": folder.name, "seconds": time.process_time() - began, "attempts": list(attempts)}
        watched.clear()
        outcome["megabytes"] = _most_megabytes()
        say(outcome)


def say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _most_megabytes() -> int:
    """The most memory this process has had; getrusage would count what its parent had before it."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def attempt(folder: Path) -> dict[str, Any]:
    """What comes of a rule folder: told problems, or what its rules find and its tests say."""
    from chainsim.cli import _excerpt
    from chainsim.errors import InputError
    from chainsim.files import render_problem
    from chainsim.rules import apply, load_rules, run_test
    from chainsim.rules.running.evaluating import tables_of

    told: list[str] = []
    said: list[str] = []
    try:
        book = load_rules(folder)
        frames = {table.name: _frame_of(table) for table in tables_of(book.rules)}
        found = apply(book.rules, frames).findings
        said += [*found["message_en"], *found["message_zh"], *found["values"]]
        said += [run_test(test) for test in book.tests]
    except InputError as error:
        for problem in error.problems:
            shown = [render_problem(problem, lang) for lang in ("en", "zh")]
            told.append("\n".join(shown) + _excerpt(problem.file, problem.line, problem.column))
    return {"told": told, "said": said}


def _frame_of(table: Any) -> Any:
    """A few rows whose texts would like to be something else."""
    import pandas as pd

    texts = ["'; DROP TABLE customer_months; --", "$p0", "{0.__class__}", 'a"b', "%s"]
    days = pd.to_datetime(["2008-01-01", "2008-02-01", "2008-02-01", "2009-01-31", None])
    data = {}
    for column in table.columns:
        match column.type:
            case "date" | "instant":
                values: Any = days
            case "number":
                values = [0.5, 0.0, -1e300, 1e300, float("nan")]
            case "integer":
                values = [0, 1, 2, -(2**60), 2**60]
            case "boolean":
                values = [True, False, True, False, True]
            case _:
                values = [*column.values, *texts][:5] if column.values else texts
        data[column.name] = pd.Series(values, dtype=column.dtype)
    return pd.DataFrame(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
