"""``chainsim rules …``: rule files checked, tested, listed, explained, and asked of earlier runs' tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainsim.cli.options import FLOORS, FORMATS, SCENARIO, add_common, add_rules, in_utf8, warn, write_text
from chainsim.cli.progress import Stages
from chainsim.texts import text

if TYPE_CHECKING:
    from chainsim.rules import Evaluation

_RULES = click.Path(exists=True, file_okay=False, path_type=Path)
_RUN = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


def rules_group(lang: str) -> click.Group:
    """The group ``rules``, its help in ``lang``."""
    group = click.Group("rules", help=text(lang, "help.group.rules"), no_args_is_help=True)
    for command in (_check(lang), _test(lang), _list(lang), _explain(lang), _eval(lang), _schema(lang)):
        group.add_command(command)
    return group


def _check(lang: str) -> click.Command:
    @click.command("check", help=text(lang, "help.rules.check"))
    @click.argument("directory", type=_RULES, required=False)
    @add_common(lang)
    def command(directory: Path | None) -> None:
        from chainsim.errors import InputError
        from chainsim.rules import read_rules, shipped_rules_folder

        folder = directory or shipped_rules_folder()
        book, problems, warnings = read_rules(folder)
        for problem in warnings:
            warn(problem, lang)
        if problems:
            raise InputError(problems)
        counts = {
            "rules": len(book.rules),
            "measures": len(book.measures),
            "decisions": len(book.decisions),
            "tests": len(book.tests),
        }
        click.echo(text(lang, "rules.ok", path=folder, **counts))

    return command


def _test(lang: str) -> click.Command:
    @click.command("test", help=text(lang, "help.rules.test"))
    @click.argument("directory", type=_RULES, required=False)
    @click.option("--junit", type=_FILE, metavar="FILE", help=text(lang, "help.junit"))
    @add_common(lang)
    def command(directory: Path | None, junit: Path | None) -> int:
        from chainsim.cli.rules_terminal import show_tests, tests_junit
        from chainsim.rules import load_rules, outcome_of, shipped_rules_folder

        folder = directory or shipped_rules_folder()
        book = load_rules(folder)
        outcomes = []
        with Stages(lang) as stages:
            stages.begin("tests")
            for test in book.tests:
                outcomes.append(outcome_of(test))
                stages.count(len(outcomes), len(book.tests))
        if junit is not None:
            write_text(junit, tests_junit(book, outcomes, lang))
        show_tests(book, outcomes, lang)
        return int(not all(outcome.passed for outcome in outcomes))

    return command


def _list(lang: str) -> click.Command:
    @click.command("list", help=text(lang, "help.rules.list"))
    @click.argument("directory", type=_RULES, required=False)
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.as_json"))
    @add_common(lang)
    def command(directory: Path | None, as_json: bool) -> None:
        from chainsim.rules import load_rules, shipped_rules_folder

        folder = directory or shipped_rules_folder()
        book = load_rules(folder)
        if as_json:
            from chainsim.cli.machine import rules_json

            in_utf8()
            click.echo(rules_json(book, folder))
        else:
            from chainsim.cli.rules_terminal import show_rules

            show_rules(book, lang)

    return command


def _explain(lang: str) -> click.Command:
    @click.command("explain", help=text(lang, "help.rules.explain"))
    @click.argument("rule", metavar="ID")
    @click.option("--scenario", type=SCENARIO, metavar="PATH", help=text(lang, "help.explain.scenario"))
    @click.option("--run", "run_folder", type=_RUN, metavar="DIR", help=text(lang, "help.explain.run"))
    @click.option("--customer", metavar="NAME", default="", help=text(lang, "help.customer"))
    @click.option("--asset", metavar="NAME", default="", help=text(lang, "help.asset"))
    @click.option("--grade", metavar="NAME", default="", help=text(lang, "help.grade"))
    @click.option("--period", metavar="PERIOD", default="", help=text(lang, "help.period"))
    @click.option("--json", "as_json", is_flag=True, help=text(lang, "help.as_json"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.no_progress"))
    @add_rules(lang)
    @add_common(lang)
    def command(
        rule: str,
        scenario: Path | None,
        run_folder: Path | None,
        customer: str,
        asset: str,
        grade: str,
        period: str,
        as_json: bool,
        quiet: bool,
        rules_folder: Path | None,
    ) -> None:
        from chainsim import workflow
        from chainsim.rules import Wanted

        if scenario is not None and run_folder is not None:
            raise click.UsageError(text(lang, "error.explain.both"))
        if scenario is None and run_folder is None:
            run_folder = _latest_run(lang)
        with Stages(lang, quiet=quiet) as stages:
            explanation = workflow.explain_rule(
                rule,
                Wanted(customer, asset, grade, period),
                scenario=scenario,
                run_folder=run_folder,
                rules_folder=rules_folder,
                progress=stages.begin,
            )
        if as_json:
            from chainsim.cli.machine import explanation_json

            in_utf8()
            click.echo(explanation_json(explanation))
        else:
            from chainsim.cli.explanation import show_explanation

            show_explanation(explanation, lang, seen_in=run_folder or scenario)

    return command


def _eval(lang: str) -> click.Command:
    def table_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
        if path is not None and path.suffix.lower() not in {".parquet", ".csv"}:
            raise click.BadParameter(text(lang, "error.table_file", path=path), context, parameter)
        return path

    @click.command("eval", help=text(lang, "help.rules.eval"))
    @click.argument("folders", type=_RUN, nargs=-1, required=True, metavar="FOLDER...")
    @click.option("--out", type=_FILE, metavar="FILE", callback=table_file, help=text(lang, "help.eval.out"))
    @click.option("--junit", type=_FILE, metavar="FILE", help=text(lang, "help.junit"))
    @click.option("--summary", type=_FILE, metavar="FILE", help=text(lang, "help.summary"))
    @click.option("--format", "style", type=FORMATS, default="text", help=text(lang, "help.format"))
    @click.option("--fail-on", type=FLOORS, default="never", help=text(lang, "help.fail_on"))
    @click.option("--quiet", is_flag=True, help=text(lang, "help.no_progress"))
    @add_rules(lang)
    @add_common(lang)
    def command(
        folders: tuple[Path, ...],
        out: Path | None,
        junit: Path | None,
        summary: Path | None,
        style: str,
        fail_on: str,
        quiet: bool,
        rules_folder: Path | None,
    ) -> int:
        from chainsim import workflow
        from chainsim.cli import machine
        from chainsim.cli.markdown import evaluation_markdown
        from chainsim.rules import grave, shipped_rules_folder

        with Stages(lang, quiet=quiet) as stages:
            stages.begin("rules")
            evaluation = workflow.evaluate_rules(folders, rules_folder=rules_folder, done=stages.count)
            findings, results = evaluation.outcome.findings, evaluation.outcome.results
            stages.begin("write")
            if out is not None:
                workflow.write_findings(out, findings)
        title = text(lang, "eval.title", count=len(evaluation.runs))
        if junit is not None:
            write_text(junit, machine.findings_junit(findings, results, title, lang, fail_on))
        if summary is not None:
            write_text(summary, evaluation_markdown(evaluation, lang))
        _tell_skipped(evaluation, lang)
        match style:
            case "text":
                from chainsim.cli.rules_terminal import show_evaluation

                show_evaluation(evaluation, lang, out=out)
            case "json":
                in_utf8()
                click.echo(machine.evaluation_json(evaluation))
            case "github":
                in_utf8()
                click.echo(machine.github_text(findings, rules_folder or shipped_rules_folder(), lang), nl=False)
            case "junit":
                in_utf8()
                click.echo(machine.findings_junit(findings, results, title, lang, fail_on), nl=False)
            case _:
                in_utf8()
                click.echo(evaluation_markdown(evaluation, lang), nl=False)
        return int(fail_on != "never" and grave(findings, fail_on))

    return command


def _schema(lang: str) -> click.Command:
    @click.command("schema", help=text(lang, "help.rules.schema"))
    @add_common(lang)
    def command() -> None:
        import json

        from chainsim.rules.schema import rules_schema

        in_utf8()
        click.echo(json.dumps(rules_schema(), ensure_ascii=False, indent=2))

    return command


def _latest_run(lang: str) -> Path:
    """The folder under ``results`` that was written last; what a planner who has just run something means."""
    manifests = [path for path in Path("results").glob("*/manifest.json") if path.is_file()]
    if not manifests:
        raise click.UsageError(text(lang, "error.explain.neither"))
    return max(manifests, key=lambda path: (path.stat().st_mtime_ns, path.as_posix())).parent


def _tell_skipped(evaluation: Evaluation, lang: str) -> None:
    """One line per missing table, with the rules that would need it."""
    needing: dict[str, list[str]] = {}
    for rule, tables in evaluation.skipped.items():
        for table in tables:
            needing.setdefault(table, []).append(rule)
    for table, rules in needing.items():
        told = text(lang, "eval.skipped", table=f"{table}.parquet", rules=", ".join(rules))
        click.echo(text(lang, "warning", text=told), err=True)
