"""One refresh: the scheduled DAGs, run now, in this process, with a summary at the end.

`make refresh` on a bare machine and the scheduler of the service run the same DAG files. This
module only chooses their order, shows progress and reports.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from lumbung import airflow_home, quiet, runner, starved, summary, turn
from lumbung.settings import ROOT, Settings
from lumbung.settings import load as load_settings
from release.standby import STANDBY
from serving import follow

#: In the order of the figures' path: ingest first, then what is built from it.
INGEST = ("ingest_bps", "ingest_cited_figures")
DROP = "ingest_agency_drop"
#: Sources with nothing to read until their connection is set: most homes ask few of them.
ONCE_SET = {
    DROP: "drop",
    "ingest_djpk": "djpk",
    "ingest_world_bank": "worldbank",
    "ingest_jabar": "jabar",
    "ingest_ckan": "ckan",
    "ingest_arcgis": "arcgis",
}
BUILD = "build_release"
#: Run where a PostgreSQL is set up, also when nothing new was built: it may be behind.
SERVE = "serve_release"

DOING = {
    ("ingest_bps", "harvest"): "Fetching BPS tables",
    ("ingest_cited_figures", "harvest"): "Reading cited figures",
    (DROP, "receive"): "Checking agencies' files",
    (DROP, "harvest"): "Reading agencies' files",
    ("ingest_djpk", "harvest"): "Fetching DJPK's budgets",
    ("ingest_world_bank", "harvest"): "Fetching World Bank series",
    ("ingest_jabar", "harvest"): "Fetching Jawa Barat's tables",
    ("ingest_ckan", "harvest"): "Fetching CKAN tables",
    ("ingest_arcgis", "harvest"): "Fetching ArcGIS layers",
    (BUILD, "plan"): "Looking for changes",
    (BUILD, "assemble"): "Building the candidate with dbt",
    (BUILD, "audit"): "Auditing the candidate",
    (BUILD, "publish"): "Publishing the release",
    (SERVE, "serve"): "Bringing PostgreSQL to it",
}
MARKS = {"success": "[green]✓[/]", "skipped": "[dim]–[/]", "failed": "[red]✗[/]"}


def main() -> int:
    """Run one refresh; return the process's exit code."""
    settings = load_settings()
    started = datetime.now(UTC)
    log = settings.home / "logs" / f"refresh-{started:%Y%m%dT%H%M%SZ}.log"
    try:
        with turn.take(settings.home / "refresh.lock"):
            return _refresh(settings, log)
    except turn.TakenError as error:
        _complain(str(error))
        return 75
    except OSError as error:
        _complain(f"{error.strerror or error}: {error.filename or settings.home}")
        return 74
    except MemoryError:
        _complain(starved.WORDS)
        return starved.CODE
    except KeyboardInterrupt:
        _complain("stopped. The current release is as it was; `make refresh` starts again.")
        return 130


def _refresh(settings: Settings, log: Path) -> int:
    before = summary.current_release_id(settings)
    with quiet.talk_into(log) as terminal, starved.ended_at_once(terminal.fileno()):
        runs = _run_dags(settings, _console(terminal))
    made = [run for run in runs if run.dag_id != SERVE]
    failures = [event for run in made for event in run.failures]
    if failures or not all(run.succeeded for run in made):
        return _explain(settings, failures, log, before)
    summary.show(Console(), settings, before)
    return _explain_unserved([run for run in runs if run.dag_id == SERVE], log)


def _run_dags(settings: Settings, console: Console) -> list[runner.DagRun]:
    """Run the DAGs in order; one that fails stops no other, nor the build of what they brought."""
    progress = Progress(console)
    progress.say("Starting Airflow")
    runs: list[runner.DagRun] = []
    with progress, STANDBY.allowed(), _interrupts() as interrupts:
        os.environ.update(airflow_home.MEMORY)  # before anybody imports Arrow
        if _is_likely_to_build(settings):
            STANDBY.call(settings)
        airflow_home.prepare(settings)
        dags = runner.load(ROOT / "dags")
        from ingest.parse_pool import KEEPER  # brings Arrow

        asked = {dag_id: name for dag_id, name in ONCE_SET.items() if settings.is_live(name)}
        undescribed = _undescribed(settings, asked)
        sources = (*INGEST, *(one for one in asked if one not in undescribed))
        with KEEPER.keeping():
            for dag_id in sources:
                runs.append(_run(dags[dag_id], progress, interrupts))
        progress.leave_out("Not configured", _unset(settings), "README, Settings")
        said = "Address set, but no dataset in ingest/catalog"
        progress.leave_out(said, list(undescribed.values()), "docs/sources.md")
        runs.append(_run(dags[BUILD], progress, interrupts))
        if runs[-1].succeeded and follow.is_wanted(settings):
            runs.append(runner.run(dags[SERVE], progress.tell))
    return runs


def _run(dag: Any, progress: Progress, interrupts: Sequence[int]) -> runner.DagRun:
    """Run a DAG to its end; raise KeyboardInterrupt where somebody asked for that meanwhile."""
    done = runner.run(dag, progress.tell)
    if interrupts:
        raise KeyboardInterrupt
    return done


def _is_likely_to_build(settings: Settings) -> bool:
    """Tell whether there is no release yet, or a bundled file is younger than it: only a hint.

    Of other news the first source that brings some tells.
    """
    try:
        published = (settings.releases / "current").resolve(strict=True).stat().st_mtime
    except OSError:
        return True
    return any(path.stat().st_mtime > published for path in settings.bundled.rglob("*"))


def _unset(settings: Settings) -> list[str]:
    """Name the portals that nobody has set an address for."""
    portals = [name for dag_id, name in ONCE_SET.items() if dag_id != DROP]
    return [name for name in portals if not settings.is_live(name)]


def _undescribed(settings: Settings, asked: Mapping[str, str]) -> dict[str, str]:
    """Return the portals among those asked of which the catalogue has no dataset."""
    portals = {dag_id: name for dag_id, name in asked.items() if dag_id != DROP}
    if not portals:
        return {}
    from ingest import catalogue
    from ingest.errors import CatalogueError

    try:
        known = catalogue.load(settings.catalog)
    except CatalogueError:  # the first task says what is wrong with it
        return {}
    described = {known.source_of(dataset).connection for dataset in known.datasets.values()}
    return {dag_id: name for dag_id, name in portals.items() if name not in described}


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Remember each Ctrl-C: Airflow takes one inside a task for that task's failure."""
    seen: list[int] = []

    def note(number: int, _frame: object) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)


class Progress:
    """What a person sees while it works: one line a finished task, and the one at work."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.status = console.status("", spinner="dots")

    def __enter__(self) -> Progress:
        self.status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.status.stop()

    def say(self, text: str) -> None:
        """Name what is being done now."""
        self.status.update(f"{text} …")
        if not self.console.is_terminal:
            self.console.print(f"{text} …")

    def leave_out(self, why: str, names: Sequence[str], see: str) -> None:
        """Say once, quietly, what was not asked, why, and where to read on."""
        if names:
            line = f"[dim]– {why}: {', '.join(names)} ({see})[/]"
            self.console.print(line, highlight=False)

    def tell(self, event: runner.TaskEvent) -> None:
        """Show a task's start or end."""
        doing = DOING.get((event.dag_id, event.task_id), f"{event.dag_id}.{event.task_id}")
        if event.state == "running":
            self.status.update(f"{doing} …")
            return
        note = (
            f"[dim]{event.seconds:5.1f} s[/]" if event.state != "skipped" else "[dim]nothing new[/]"
        )
        self.console.print(f"{MARKS[event.state]} {doing:<36}{note}", highlight=False)


def _console(terminal: TextIO) -> Console:
    return Console(file=terminal, force_terminal=terminal.isatty())


def _explain(
    settings: Settings, failures: list[runner.TaskEvent], log: Path, before: str | None
) -> int:
    """Say what failed, what it means for readers, and where to look."""
    now = summary.current_release_id(settings)
    if now != before:
        summary.show(Console(), settings, before)
    for event in failures:
        _complain(f"{event.dag_id}.{event.task_id} failed:\n{event.message}")
    if not failures:
        _complain("Airflow ended without success; the end of its log:\n" + quiet.tail(log))
    _complain(f"{_what_stands(before, now)} Full log: {log}")
    _complain("What to do: docs/runbooks/refresh-failed.md")
    return 1


def _explain_unserved(runs: list[runner.DagRun], log: Path) -> int:
    """Say where PostgreSQL did not follow: the files are released all the same."""
    if all(run.succeeded for run in runs):
        return 0
    for run in runs:
        for event in run.failures:
            _complain(f"{event.dag_id}.{event.task_id} failed:\n{event.message}")
    _complain("The release above stands in files, but PostgreSQL's readers see the one before.")
    _complain(f"The next refresh completes it, or: python -m serving publish. Full log: {log}")
    return 1


def _what_stands(before: str | None, now: str | None) -> str:
    """Say what readers find now."""
    if now != before:
        return (
            f"Release {now} was published with what came from the other sources. Of those that "
            "failed it has their last good figures, if any."
        )
    kept = f"release {before} is current, as before" if before else "there is no release yet"
    return f"Nothing was published: {kept}."


def _complain(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - the words a person reads when it fails
