"""A job -> an executed notebook, released rows and the record of both; judged by the raised result and the record."""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from analysis import errors, project
from analysis.errors import AnalysisError, RunError
from analysis.publishing.batch.files import read_json
from analysis.publishing.batch.parameters import notebook_path
from analysis.publishing.batch.plan import Job
from analysis.publishing.gate.payload import MIME, PAGE, ROWS
from analysis.words import Message, user_language

SECONDS_A_CELL = 600
FOREIGN = ("JUPYTER_PATH", "MATPLOTLIBRC", "PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONINSPECT", "PYTHONOPTIMIZE")
OLD = "-old"
EXECUTED = "executed.ipynb"


@dataclass(frozen=True)
class Outcome:
    """How a job ended: no message where it went well."""

    job: Job
    seconds: float
    message: Message | None = None


def run_folder(out: Path, slug: str) -> Path:
    """Give the folder that keeps the last good run of a job."""
    return out / "runs" / slug


def read_record(out: Path, slug: str) -> dict[str, Any]:
    """Read the record of the last good run; empty where there is none."""
    folder = run_folder(out, slug)
    return read_json(folder / PAGE) if (folder / ROWS).is_file() else {}


def run_job(job: Job, key: str, out: Path, data: str, stamp: dict[str, Any]) -> Outcome:
    """Execute one job in a kernel of its own and move its files into place only if all of it went well.

    `data` is the absolute path of the registry, `stamp` what the record says of the code (commit, versions).
    """
    started, begun = time.monotonic(), time.strftime("%Y-%m-%d")
    place = run_folder(out, job.slug)
    failed = place.with_name(f"failed-{job.slug}.ipynb")
    place.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".run-{job.slug}-", dir=place.parent))
    message = None
    try:
        _execute(job, work, data, {run: str(run_folder(out, run)) for run in job.reads})
        record = _judge(work)
        seconds = round(time.monotonic() - started, 1)
        record |= {"key": key, "slug": job.slug, "seconds": seconds, "started": begun, **stamp}
        (work / PAGE).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        _replace(work, place)
        failed.unlink(missing_ok=True)
    except AnalysisError as error:
        message = error.text
        if (work / EXECUTED).is_file():  # kept beside the good run, for the analyst's eyes only
            os.replace(work / EXECUTED, failed)
            failed.chmod(0o600)
    except (OSError, ValueError, KeyError) as error:  # a full disk, a notebook cut short
        message = Message("its files could not be kept ({kind})", kind=type(error).__name__)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Outcome(job, time.monotonic() - started, message)


def obey_signals() -> None:
    """Make a worker process go when it is told to, and leave Ctrl-C to the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def run_until_told(*arguments: Any) -> Outcome:
    """Run a job in a worker; where the worker is told to go, it ends the kernel and takes no further job."""
    try:
        return run_job(*arguments)
    except SystemExit:
        os._exit(143)


def sweep(out: Path) -> None:
    """Clear what a killed build left behind; a good run that it was about to replace is put back."""
    for work in sorted((out / "runs").glob(".run-*")):
        place = run_folder(out, work.name.removeprefix(".run-").removesuffix(OLD).rpartition("-")[0])
        if work.name.endswith(OLD) and not place.exists():
            os.replace(work, place)
        else:
            shutil.rmtree(work, ignore_errors=True)


def _execute(job: Job, work: Path, data: str, reads: Mapping[str, str]) -> None:
    """Execute a notebook in the kernel of this very Python: nobody's kernels, start-up files or settings are used."""
    with tempfile.TemporaryDirectory(prefix="kernel-") as home:
        for name in FOREIGN:
            os.environ.pop(name, None)
        os.environ |= {"IPYTHONDIR": home, "JUPYTER_CONFIG_DIR": home, "JUPYTER_NO_CONFIG": "1", "MPLBACKEND": "Agg"}
        _run_cells(job, work, data, reads)


def _run_cells(job: Job, work: Path, data: str, reads: Mapping[str, str]) -> None:
    os.environ |= {
        "ANALYSIS_RUN": str(work),
        "ANALYSIS_TOKEN": secrets.token_hex(16),
        "ANALYSIS_READS": json.dumps(reads),
        "ANALYSIS_LANG": user_language(),
        "ANALYSIS_ROOT": str(project.root()),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # a second of imports that no notebook schema needs
    logging.getLogger("papermill").setLevel(logging.ERROR)
    papermill, notebook = import_module("papermill"), notebook_path(job.notebook)
    try:
        papermill.execute_notebook(
            str(notebook),
            str(work / EXECUTED),
            parameters={**job.parameters, "data": data},
            kernel_name="python3",
            cwd=str(notebook.parent),
            progress_bar=False,
            log_output=False,
            execution_timeout=SECONDS_A_CELL,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            shutdown_kernel="immediate",
            extra_arguments=["--IPKernelApp.log_level=50", "--HistoryManager.enabled=False"],
        )
    except papermill.exceptions.PapermillExecutionError as error:
        raise _cell_failed(error) from None
    except Exception as error:  # a dead kernel, a timeout: whatever it is, the run has failed and says what
        raise RunError("the kernel stopped ({kind})", kind=type(error).__name__) from None


def _cell_failed(error: Any) -> RunError:
    # only the project's own messages are free of people's data; of any other error the class alone is told
    cell = {"cell": error.exec_count, "kind": error.ename}
    if error.ename.endswith("Error") and hasattr(errors, error.ename):
        return RunError("cell {cell} raised {kind}: {said}", **cell, said=error.evalue)
    return RunError("cell {cell} raised {kind}", **cell)


def _judge(work: Path) -> dict[str, Any]:
    """Accept a run only with every code cell executed, no error output, and a record with this run's token.

    The record comes back without the token, with what was released by the id of the cell that showed it.
    """
    cells = json.loads((work / EXECUTED).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]
    skipped = sum(cell.get("execution_count") is None for cell in code)
    broken = any(output["output_type"] == "error" for cell in code for output in cell["outputs"])
    record = read_json(work / PAGE)
    if skipped or broken or record.pop("token", "") != os.environ["ANALYSIS_TOKEN"]:
        raise RunError(
            "the notebook did not reach its last step ({skipped} cells not run, record {there})",
            skipped=skipped,
            there=Message("there") if record else Message("missing"),
        )
    shown = {
        cell["id"]: [output["data"][MIME] for output in cell["outputs"] if MIME in output.get("data", {})]
        for cell in code
    }
    return record | {"outputs": {cell: payloads for cell, payloads in shown.items() if payloads}}


def _replace(work: Path, place: Path) -> None:
    old = work.with_name(work.name + OLD)
    if place.exists():
        os.replace(place, old)
    os.replace(work, place)
    shutil.rmtree(old, ignore_errors=True)
