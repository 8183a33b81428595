"""The command line: simulate, check, rules, build, status, explain, clean."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click

from analysis import __version__, project
from analysis.errors import AnalysisError, PublishingError
from analysis.words import say


def tell(template: str, /, *, err: bool = False, **values: object) -> None:
    """Print a message in the user's language."""
    click.echo(say(template, **values), err=err)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of messages (default: the locale's).")
def cli(lang: str | None) -> None:
    """Training, promotion and target attainment: from a registry to a published site."""
    if lang:
        os.environ["ANALYSIS_LANG"] = lang


@cli.command()
@click.option(
    "--people",
    type=click.IntRange(100, 30_000_000),
    default=24_000,
    show_default=True,
    help="Heads in service at the end of 2023.",
)
@click.option("--seed", type=click.IntRange(0), default=20210910, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("data/synthetic"), show_default=True)
@click.option("--if-missing", is_flag=True, help="Do nothing where the folder is there already.")
def simulate(people: int, seed: int, out: Path, if_missing: bool) -> None:
    """Make a synthetic province with a planted truth."""
    from analysis import synthetic

    if if_missing and (out / "registry.yml").is_file():
        return
    synthetic.write(synthetic.simulate(people, seed), out)
    tell("Synthetic province of {people:number} people written to {out}.", people=people, out=_shown(out))


@cli.command()
@click.argument("source", type=click.Path())
def check(source: str) -> None:
    """List every finding in a registry; exit 2 where there are errors."""
    from analysis import registry

    findings = registry.check(source)
    for finding in findings:
        click.echo(finding.line())
    errors = sum(finding.severity == "error" for finding in findings)
    tell("{errors} errors, {warnings} warnings.", errors=errors, warnings=len(findings) - errors)
    sys.exit(2 if errors else 0)


@cli.command()
@click.option("--on", required=True, metavar="DAY", help="Day asked about, as 2025-07-15.")
@click.option("--staff", help="One kind of staff: cadre, civil_servant or public_employee (default: all).")
def rules(on: str, staff: str | None) -> None:
    """Print the rules in force on a day, with their sources."""
    from analysis.careers.rulebook import list_rules, rule_lines

    for line in rule_lines(list_rules(on, staff=staff)):
        click.echo(line)


OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, resolve_path=True),
    default=lambda: project.root() / "reports",
    show_default="reports",
)


def _plan_options(command):
    for option in (
        OUT,
        click.option(
            "--set", "changes", multiple=True, metavar="NAME=VALUE", help="Set a parameter in every run that has it."
        ),
        click.option("--data", help="Registry: a folder or an .xlsx workbook (default: plan.yml's)."),
        click.argument("runs", nargs=-1),
    ):
        command = option(command)
    return command


def _jobs(runs: tuple[str, ...], data: str | None, changes: tuple[str, ...]):
    from analysis.publishing.batch.plan import list_jobs

    for change in changes:
        if "=" not in change:
            raise PublishingError("--set {change!r} is not NAME=VALUE.", change=change)
    return list_jobs(data=data, only=runs, changes=dict(change.split("=", 1) for change in changes))


@cli.command()
@_plan_options
@click.option(
    "--jobs", "workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Notebooks run at once."
)
@click.option("--force", is_flag=True, help="Run even what has not changed.")
def build(runs, data, out: Path, changes, workers: int, force: bool) -> None:
    """Run the plan's notebooks where something changed, and build the site."""
    from analysis.publishing.batch.build import build as run_plan

    jobs, places = _jobs(runs, data, changes), itertools.count(1)

    def show(outcome) -> None:
        mark, why = ("✗", f"\n     {outcome.message.say()}") if outcome.message else ("✓", "")
        line = f"{mark} {next(places):>3}  {outcome.job.slug}  {outcome.seconds:.0f} s"
        click.echo(line + why, err=bool(why))

    outcomes = run_plan(jobs, out, plan=_jobs((), data, changes), workers=workers, force=force, tell=show)
    failed = [outcome for outcome in outcomes if outcome.message]
    tell(
        "{run} run, {fresh} unchanged, {failed} failed. The site: {site}",
        run=len(outcomes) - len(failed),
        fresh=len(jobs) - len(outcomes),
        failed=len(failed),
        site=_shown(out / "site/index.html"),
    )
    sys.exit(1 if failed else 0)


@cli.command()
@_plan_options
def status(runs, data, out: Path, changes) -> None:
    """Say which runs are fresh, stale or missing."""
    from analysis.publishing.batch.run import read_record
    from analysis.publishing.batch.schedule import is_fresh

    for job in _jobs(runs, data, changes):
        word = say("stale") if read_record(out, job.slug) else say("missing")
        if is_fresh(job, out):
            word = say("fresh")
        click.echo(f"{word:<8} {job.slug}")


@cli.command()
@click.argument("run")
def explain(run: str) -> None:
    """Say what a run is made of: notebook, parameters with their types and what is allowed."""
    from analysis.publishing.batch.parameters import declared, read_plan
    from analysis.publishing.batch.plan import list_jobs

    rules = read_plan()["parameters"]
    for job in list_jobs(only=[run]):
        click.echo(f"{job.slug}: notebooks/{job.notebook}.ipynb")
        for name, value in job.parameters.items():
            allowed = ", ".join(map(str, rules.get(name, {}).get("values", ())))
            click.echo(f"  {name}: {declared(job.notebook)[name][0]} = {value!r}" + f"   [{allowed}]" * bool(allowed))


@cli.command()
@click.option("--lang", type=click.Choice(["vi", "en"]), default="en", show_default=True, help="Language of the prose.")
@click.option("--only-copy", is_flag=True, help="Write the working copy and do not open JupyterLab.")
def lab(lang: str, only_copy: bool) -> None:
    """Open JupyterLab on the notebooks; in Vietnamese on a working copy, which git ignores."""
    from analysis.publishing.pages.prose import SOURCE, write_copy

    folder = project.root() / "notebooks"
    if lang != SOURCE:
        folder = write_copy(lang, project.root() / "reports" / "lab" / lang)
        tell("Working copy with Vietnamese prose: {folder}. What you change there is yours.", folder=_shown(folder))
    if not only_copy:
        sys.exit(subprocess.call([sys.executable, "-m", "jupyter", "lab", str(folder)]))


@cli.command()
@OUT
def clean(out: Path) -> None:
    """Remove runs and site; data stay."""
    for part in ("runs", "site"):
        shutil.rmtree(out / part, ignore_errors=True)
    tell("Runs and site removed.")


def _shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def main() -> None:
    """Run the command line; faults end in one sentence and an exit code, never in a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Vietnamese letters shows a mark instead
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except (click.exceptions.Abort, KeyboardInterrupt):
        tell("Interrupted; what was published before stands.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (AnalysisError, project.NoProjectError) as error:
        click.echo(str(error), err=True)
        sys.exit(getattr(error, "exit_code", 2))
    except OSError as error:
        file = Path(str(error.filename)).name
        tell("The system refused: {reason} ({file}).", reason=error.strerror, file=file, err=True)
        sys.exit(2)
