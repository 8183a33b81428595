"""Properties are checked on the same examples everywhere; the whole site is built once, whoever asks first."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # before numpy is there: waiting threads cost most where cores are few
settings.register_profile(
    "study", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("study")
ANALYSIS = str(Path(sys.executable).with_name("analysis"))


LONG = ("site/test_whole.py", "published/test_trial_recovery.py", "site/test_jupyterlab.py", "publishing/batch/test_run.py",
        "golden/test_estimates.py", "targets/test_flows.py", "publishing/views", "targets/outlook")  # fmt: skip


def pytest_collection_modifyitems(items):
    """Files that take long come first, so that processes that test end together (`--no-loadscope-reorder` keeps to it)."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: min((place[name] for name in LONG if name in item.path.as_posix()), default=len(LONG)))


class Built(NamedTuple):
    """A plan on a province: its data, what the build left, and what it said."""

    province: Path
    out: Path
    said: str


def build_once(tmp_path_factory, name: str, simulate: tuple[str, ...] = (), build: tuple[str, ...] = ()) -> Built:
    """Simulate and build, or wait until another process that tests has; all of them share the one result."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    province, out, said = (base / name / part for part in ("province", "out", "said"))
    with (base / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not said.exists():
            subprocess.run([ANALYSIS, "simulate", *simulate, "--out", province], check=True, capture_output=True)
            command = [ANALYSIS, "--lang", "en", "build", *build, "--data", province, "--out", out]
            done = subprocess.run(command, capture_output=True, text=True)
            said.write_text(f"{done.returncode}\n{done.stdout}{done.stderr}", encoding="utf-8")
    code, _, words = said.read_text(encoding="utf-8").partition("\n")
    assert code == "0", words
    return Built(province, out, words)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Built:
    """The whole site of the bundled province, as `make report` makes it."""
    return build_once(tmp_path_factory, "built")


@pytest.fixture(scope="session")
def thin(tmp_path_factory) -> Built:
    """Another seed and so few people that many groups are thin, with few simulated futures."""
    runs = (
        "targets",
        "target-t1",
        "planner",
        "promotion-effect",
        "registry",
        "--set",
        "draws=100",
        "--set",
        "draft=true",
    )
    return build_once(tmp_path_factory, "thin", ("--people", "3000", "--seed", "7"), runs)
