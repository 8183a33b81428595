"""A job -> an executed notebook, released rows and a receipt; judged by the raised result and the receipt."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import project
from analysis.errors import AnalysisError, RunError
from analysis.publishing.batch.parameters import notebook_path
from analysis.publishing.batch.plan import Job
from analysis.text import Text

SECONDS_A_CELL = 600
OLD = "-old"
RECEIPT, EXECUTED, RELEASED = "receipt.json", "executed.ipynb", "released.csv"


@dataclass(frozen=True)
class Outcome:
    """How a job ended: no message where it went well."""

    job: Job
    seconds: float
    message: Text | None = None


def run_folder(out: Path, job: Job) -> Path:
    """Give the folder that keeps the last good run of a job."""
    return out / "runs" / job.slug / job.lang


def read_receipt(out: Path, job: Job) -> dict[str, Any] | None:
    """Read the receipt of the last good run, or None."""
    try:
        receipt = json.loads((run_folder(out, job) / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return receipt if isinstance(receipt, dict) and (run_folder(out, job) / EXECUTED).is_file() else None


def run_job(job: Job, key: str, out: Path, data: str, stamp: dict[str, Any]) -> Outcome:
    """Execute one job in a kernel of its own and move its files into place only if all of it went well.

    `data` is the absolute path of the registry, `stamp` what the receipt says of the code (commit, versions).
    """
    started, begun = time.monotonic(), time.strftime("%Y-%m-%d")
    place = run_folder(out, job)
    place.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".run-{job.lang}-", dir=place.parent))
    message = None
    try:
        _execute(job, work, data)
        receipt = _judge(work)
        receipt["parameters"].pop("data", None)
        seconds = round(time.monotonic() - started, 1)
        receipt |= {"key": key, "slug": job.slug, "seconds": seconds, "started": begun, **stamp}
        (work / RECEIPT).write_text(json.dumps(receipt, ensure_ascii=False, indent=1), encoding="utf-8")
        _replace(work, place)
    except AnalysisError as error:
        message = error.text
        _keep_failed(work, place)
    except (OSError, ValueError, KeyError) as error:  # a full disk, a notebook cut short
        message = Text(f"its files could not be kept ({type(error).__name__})",
                       f"không giữ được tệp của lượt chạy ({type(error).__name__})")  # fmt: skip
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
    for work in sorted((out / "runs").glob("*/.run-*")):
        place = work.parent / work.name.split("-")[1]
        if work.name.endswith(OLD) and not place.exists():
            os.replace(work, place)
        else:
            shutil.rmtree(work, ignore_errors=True)


def _execute(job: Job, work: Path, data: str) -> None:
    token = secrets.token_hex(16)
    os.environ |= {
        "ANALYSIS_RUN": str(work), "ANALYSIS_TOKEN": token, "ANALYSIS_LANG": job.lang,
        "ANALYSIS_ROOT": str(project.root()), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0", "JUPYTER_PREFER_ENV_PATH": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }  # fmt: skip
    papermill = _papermill()
    notebook = notebook_path(job.notebook)
    try:
        papermill.execute_notebook(
            str(notebook), str(work / EXECUTED), parameters={**job.parameters, "data": data}, kernel_name="python3",
            cwd=str(notebook.parent), progress_bar=False, log_output=False, execution_timeout=SECONDS_A_CELL,
            shutdown_kernel="immediate", extra_arguments=["--IPKernelApp.log_level=50"],
        )  # fmt: skip
    except papermill.exceptions.PapermillExecutionError as error:
        raise _cell_failed(error) from None
    except Exception as error:  # a dead kernel, a timeout: whatever it is, the run has failed and says what
        raise RunError(
            en=f"the kernel stopped ({type(error).__name__})", vi=f"nhân tính toán đã dừng ({type(error).__name__})"
        ) from None


def _papermill():
    sys.modules.setdefault("rfc3987_syntax", None)  # a second of imports that no notebook schema needs
    logging.getLogger("papermill").setLevel(logging.ERROR)
    import papermill

    return papermill


def _cell_failed(error: Any) -> RunError:
    # only the project's own messages are free of people's data; of any other error the class alone is told
    ours = error.ename in {kind.__name__ for kind in _family(AnalysisError)}
    said = f": {error.evalue}" if ours else ""
    return RunError(
        en=f"cell {error.exec_count} raised {error.ename}{said}", vi=f"ô {error.exec_count} báo lỗi {error.ename}{said}"
    )


def _family(kind: type) -> set[type]:
    return {kind}.union(*(_family(child) for child in kind.__subclasses__()))


def _judge(work: Path) -> dict[str, Any]:
    """Accept a run only with every code cell executed, no error output, and a receipt with this run's token."""
    cells = json.loads((work / EXECUTED).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]
    skipped = sum(cell.get("execution_count") is None for cell in code)
    broken = any(output["output_type"] == "error" for cell in code for output in cell["outputs"])
    try:
        receipt = json.loads((work / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        receipt = {}
    receipt = receipt if isinstance(receipt, dict) else {}
    if skipped or broken or receipt.get("token") != os.environ["ANALYSIS_TOKEN"]:
        raise RunError(
            en=f"the notebook did not reach its last step ({skipped} cells not run, receipt {'there' if receipt else 'missing'})",
            vi=f"notebook chưa chạy đến bước cuối ({skipped} ô chưa chạy, biên nhận {'có' if receipt else 'thiếu'})",
        )
    receipt.pop("token")
    return receipt


def _replace(work: Path, place: Path) -> None:
    old = work.with_name(work.name + OLD)
    if place.exists():
        os.replace(place, old)
    os.replace(work, place)
    shutil.rmtree(old, ignore_errors=True)


def _keep_failed(work: Path, place: Path) -> None:
    """Keep the failed notebook beside the good run, for the analyst's eyes only."""
    if (work / EXECUTED).is_file():
        failed = place.parent / f"failed-{place.name}.ipynb"
        os.replace(work / EXECUTED, failed)
        failed.chmod(0o600)
