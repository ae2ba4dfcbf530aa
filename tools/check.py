"""Everything that must hold before a change lands: ``./check`` runs this inside .venv.

Every step runs even when an earlier one failed, so one run tells all; the tests come last, so that pytest's closing line
is the last thing printed. Exit code 1 if any step failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = ("src", "tests", "tools", "benchmarks")


def main() -> int:
    """Run the steps; ``--slow`` adds the slow tests and the coverage floor; further words go to pytest."""
    parser = argparse.ArgumentParser(prog="./check", description=__doc__.splitlines()[0])
    parser.add_argument("--slow", action="store_true", help="every test, and coverage of the core")
    options, pytest_words = parser.parse_known_args()
    failed = []
    for name, command in steps(slow=options.slow, pytest_words=pytest_words):
        if name == "tests" and failed:
            print(f"failed so far: {', '.join(failed)}")
        print(f"── {name}", flush=True)
        began = time.monotonic()
        # Tests replace parts of the engine and count its lines: that takes the sources, also where it is compiled.
        environment = {**os.environ, "CHAINSIM_INTERPRETED": "1"}
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        if code:
            failed.append(name)
        if name != "tests":
            print(f"   {'FAILED' if code else 'ok'} ({time.monotonic() - began:.1f} s)", flush=True)
    return 1 if failed else 0


def steps(*, slow: bool, pytest_words: list[str]) -> list[tuple[str, list[str]]]:
    """The (name, command) pairs, in order."""
    scripts = Path(sys.executable).parent
    python = [sys.executable, "-m"]
    code = [folder for folder in CODE if any((ROOT / folder).rglob("*.py"))]
    tests = [*python, "pytest", "-n", "auto", "--dist", "loadgroup", "-q"]
    if slow:
        tests += ["-m", "slow or not slow", "--cov", "--cov-report=term"]
    return [
        ("style", [*python, "ruff", "check", *code]),
        ("format", [*python, "ruff", "format", "--check", *code]),
        ("types", [*python, "mypy"]),
        ("layers", [str(scripts / "lint-imports")]),
        ("tests", [*tests, *pytest_words]),
    ]


if __name__ == "__main__":
    sys.exit(main())
