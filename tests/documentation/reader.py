"""Somebody who reads a page from top to bottom and does what it says, in a folder of their own.

Commands run in this process. What takes long is made shorter (``NARROWED``), and a scenario that was simulated, or
re-planned, on an earlier page is not simulated again (``Memory``): equal input gives equal output, which other tests see to.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import yaml
from tests.documentation.by_hand import edit
from tests.documentation.fragments import check_part
from tests.documentation.listings import ROOT, Listing, matches
from tests.optimization.stopped_line import write_stopped_line

from chainsim import simulation, workflow, workflow_batch, workflow_compare
from chainsim.cli import _exit_code
from chainsim.errors import InputError
from chainsim.experiments import work
from chainsim.files.tolerances import read_tolerances
from chainsim.optimization import replanning
from chainsim.reports.printing import find_browser

NARROWED: Mapping[str, tuple[str, ...]] = {
    "batch": ("--workers", "1"),
    "experiment run": ("--workers", "0"),
    "resilience": ("--workers", "1", "--asset", "trunk_east", "--longest", "8"),
}
"""Command → the words that are added to it here, so that it takes seconds: it still reads and does all that the page says."""
PREPARED: Mapping[str, Callable[[], object]] = {
    "batch.md": lambda: workflow.new(Path("scenarios/first")),
    "optimizer.md": lambda: _write_stopped_lines(),
}
"""Page → what its reader has before beginning. ``batch.md`` is read in a repository with one small scenario."""
TOLERANCES = {"completion_points", "curtailed_t", "days_full", "new_errors", "new_warnings", "scenarios"}


class Memory:
    """What was computed on earlier pages: answers of functions by their arguments, compared as values."""

    def __init__(self) -> None:
        self._answers: dict[str, list[tuple[Any, Any]]] = {}

    def of(self, function: Callable[..., Any], key: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, asked only once for each ``key`` of its arguments; a key of ``None`` is not remembered."""
        kept = self._answers.setdefault(function.__qualname__, [])

        def asked(*arguments: Any, **named: Any) -> Any:
            wanted = key(*arguments, **named)
            if wanted is not None:
                for known, answer in kept:
                    if known == wanted:
                        return answer
            answer = function(*arguments, **named)
            if wanted is not None:
                kept.append((wanted, answer))
            return answer

        return asked


MEMORY = Memory()


def remember(patch: pytest.MonkeyPatch) -> None:
    """Until ``patch`` is undone, runs and re-plans are those of earlier pages where they are the same."""

    def scenario_alone(scenario: Any, **named: Any) -> Any:
        return None if named else scenario

    def run(path: Path, loaded: Any, book: Any, folder: Path | None, progress: object = None) -> Any:
        rules = [(file.name, file.read_bytes()) for file in sorted(folder.iterdir())] if folder else []
        return path, loaded.scenario, loaded.inputs, rules

    def replan(scenario: Any, day: float, settings: Any = None, **named: Any) -> Any:
        return (
            scenario,
            day,
            settings,
            {name: value for name, value in named.items() if name not in {"progress", "told"}},
        )

    simulate = MEMORY.of(simulation.simulate, scenario_alone)
    patch.setattr(simulation, "simulate", simulate)
    patch.setattr(work, "simulate", simulate)
    run_loaded = MEMORY.of(workflow.run_loaded, run)
    for module in (workflow, workflow_batch, workflow_compare):
        patch.setattr(module, "run_loaded", run_loaded)
    patch.setattr(replanning, "replan", MEMORY.of(replanning.replan, replan))


class Reader:
    """Follows the listings of one page."""

    def __init__(self, page: Path, named: str, capsys: pytest.CaptureFixture[str]) -> None:
        """``named``: the page's text; of ``scenarios/`` the reader has what is named in it, and what that rests on."""
        self._capsys = capsys
        self._printed = ""
        self._names: dict[str, Any] = {}
        self._changed_rules: set[Path] = set()
        shutil.copytree(ROOT / "rules", "rules")
        _copy_scenarios(named)
        PREPARED.get(page.name, lambda: None)()

    def follow(self, listing: Listing) -> None:
        """Do what a listing says; an ``AssertionError`` tells where the page is wrong."""
        if listing.edit:
            edit(listing.edit)
        if listing.printed_by:
            code, self._printed = self._run(listing.printed_by, listing)
            assert code == listing.exit, f"{listing}: {listing.printed_by} ended with {code}\n{self._printed}"
        if listing.file:
            Path(listing.file).parent.mkdir(parents=True, exist_ok=True)
            Path(listing.file).write_text(listing.text, encoding="utf-8")
        match listing.language:
            case "sh":
                self._printed = self._run_script(listing)
            case "console":
                self._converse(listing)
            case "python":
                self._printed = self._run_python(listing)
            case "text" | "":
                if listing.text.startswith("$ "):
                    self._converse(listing)
                elif not listing.file:
                    _same(listing, listing.text, self._printed)
            case "yaml":
                self._load(listing)
            case "csv" | "mermaid":
                assert listing.file or listing.language == "mermaid", f"{listing}: nobody reads this table"
            case other:
                raise AssertionError(f"{listing}: what is to be done with {other}?")

    def finish(self) -> None:
        """Rules that a page builds up piece by piece are checked when all is there."""
        for folder in sorted(self._changed_rules):
            code, printed = self._chainsim(["rules", "check", str(folder)])
            assert code == 0, printed

    # --- commands

    def _run_script(self, listing: Listing) -> str:
        printed = []
        commands = _commands(listing.text)
        for number, command in enumerate(commands, start=1):
            code, said = self._run(command, listing)
            expected = listing.exit if number == len(commands) else 0
            assert code == expected or _may_fail(code, command), f"{listing}: {command} ended with {code}\n{said}"
            printed.append(said)
        return "".join(printed)

    def _converse(self, listing: Listing) -> None:
        for part in re.split(r"^\$ ", listing.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            code, printed = self._run(command, listing)
            assert listing.exit or code == 0, f"{listing}: {command} ended with {code}\n{printed}"
            _same(listing, shown, printed)
            self._printed = printed

    def _run(self, command: str, listing: Listing) -> tuple[int, str]:
        words = shlex.split(command, comments=True)
        if words[0] not in {"chainsim", "./go"}:
            return 0, _shell(command, listing)
        words = words[1:] or ["run", "scenarios/western"]
        target = None
        if ">" in words:
            words, target = words[: words.index(">")], Path(words[words.index(">") + 1])
        code, printed = self._chainsim(words, target)
        return code, printed

    def _chainsim(self, words: list[str], target: Path | None = None) -> tuple[int, str]:
        for command, more in NARROWED.items():
            if words[: len(command.split())] == command.split():
                words = [*words, *(more if more[0] not in words else ())]
        if words[0] == "serve":
            return 0, _served(words)
        if "--pdf" in words and not _browser():
            words.remove("--pdf")
        self._capsys.readouterr()
        code = _exit_code(words)
        captured = self._capsys.readouterr()
        if target is not None:
            target.write_text(captured.out, encoding="utf-8")
            return code, captured.err
        # Of a command that does what it should, stderr has progress: what depends on the machine's speed.
        return code, captured.out if code == 0 else captured.out + captured.err

    # --- Python and files

    def _run_python(self, listing: Listing) -> str:
        self._capsys.readouterr()
        before = "\n" * (listing.line - 1)
        exec(compile(before + listing.text, str(listing.page), "exec"), self._names)  # noqa: S102 - the docs' own listings
        return self._capsys.readouterr().out

    def _load(self, listing: Listing) -> None:
        content = yaml.safe_load(textwrap.dedent(listing.text))
        keys = set(content) if isinstance(content, dict) else set()
        if keys <= TOLERANCES and keys:
            Path("tolerances.yaml").write_text(listing.text, encoding="utf-8")
            read_tolerances(Path("tolerances.yaml"))
        elif not listing.file:
            check_part(listing, content)
        elif keys & {"rules", "measures", "decisions", "tests"}:
            self._changed_rules.add(Path(listing.file).parent)
        else:
            command = ["experiment", "check"] if keys & {"experiment", "factors"} else ["check"]
            place = Path(listing.file)
            code, printed = self._chainsim([*command, str(place.parent if place.name == "scenario.yaml" else place)])
            assert code == listing.exit, f"{listing}: {printed}"
            self._printed = printed


def _may_fail(code: int, command: str) -> bool:
    """What is asked to fail on findings may: that depends on the scenario, not on the page."""
    return code == 1 and "--fail-on" in command


def _write_stopped_lines() -> None:
    """``stopped.yaml``, and ``much.yaml`` whose March is planned beyond what can come."""
    content = write_stopped_line(Path("stopped.yaml")).read_text(encoding="utf-8")
    more = content.replace("period: 2026-03, amount: 31}", "period: 2026-03, amount: 80}")
    assert more != content
    Path("much.yaml").write_text(more, encoding="utf-8")


def _same(listing: Listing, shown: str, printed: str) -> None:
    assert matches(shown, printed), f"{listing} shows\n{shown}\nbut what is printed is\n{printed}"


def _commands(script: str) -> list[str]:
    """The commands of a script of plain lines: continued lines joined, comments and empty lines left out."""
    lines = re.sub(r"\\\n\s*", "", script).splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _shell(command: str, listing: Listing) -> str:
    """Anything else than chainsim, by a real shell."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src")}
    ran = subprocess.run(["/bin/sh", "-c", command], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == listing.exit, f"{listing}: {command} ended with {ran.returncode}\n{ran.stdout}{ran.stderr}"
    return ran.stdout + ran.stderr


def _served(words: list[str]) -> str:
    """What ``chainsim serve`` says before it waits; its page is asked for once, on a port of its own, and no browser opens."""
    words = [*(word for word in words if word != "--open"), "--port", "0"]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "chainsim", *words], env=env, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            printed = server.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", printed)
            assert found, f"{words} says no address: {printed}"
            with urlopen(found[0], timeout=60) as page:  # noqa: S310 - our own address
                assert page.status == 200
        finally:
            server.terminate()
    return printed


def _browser() -> bool:
    try:
        find_browser(os.environ)
    except InputError:
        return False
    return True


def _copy_scenarios(named: str) -> None:
    """Of the shipped scenarios those that a page names, each with what it rests on."""
    wanted = {
        path.stem
        for path in (ROOT / "scenarios").iterdir()
        if re.search(rf"scenarios/{path.stem}(\.yaml)?\b(?!-)", named)
    }
    if "experiments" in wanted:
        wanted.add("trunk-outage")
    if wanted or "extends: ../western" in named:
        wanted.add("western")
    for path in (ROOT / "scenarios").iterdir():
        if path.stem not in wanted:
            continue
        if path.is_dir():
            shutil.copytree(path, Path("scenarios") / path.name)
        else:
            Path("scenarios").mkdir(exist_ok=True)
            shutil.copy(path, "scenarios")
