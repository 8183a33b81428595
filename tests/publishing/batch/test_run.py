"""A run is good or it is not there: faults inside a kernel, of a kernel, of the build, and from outside it."""

from __future__ import annotations

import fcntl
import json
import signal
import sys
import time

import pytest
from small_project import PERSON, build, make_project, receipt, site, start, still_running

pytestmark = [
    pytest.mark.xdist_group("run"),
    pytest.mark.skipif(sys.platform != "linux", reason="watches processes through /proc"),
]
FAULTS = ("none", "person", "ours", "gone", "killed", "exit", "twins", "unfinished", "forged")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    runs = {"try": {"each": {"fault": list(FAULTS)}}, "slow": {"parameters": {"fault": "none"}},
            "reader": {"parameters": {"fault": "reads"}, "reads": ["try-none"]}, "lost": {"reads": ["try-ours"]}}  # fmt: skip
    return make_project(tmp_path_factory.mktemp("small"), runs)


@pytest.fixture(scope="module")
def first(root):
    """One build in which one run goes well and each of the others goes wrong in its own way."""
    return build(root, "try", "reader", "lost")


def said_of(done, slug):
    lines = (done.stdout + done.stderr).splitlines()
    place = next(place for place, line in enumerate(lines) if line.split()[2:3] == [slug])
    return lines[place] + (lines[place + 1] if place + 1 < len(lines) else "")


def test_a_good_run_leaves_receipt_page_and_rows(root, first):
    """A run that reached its end has a record without token or paths, its notebook, its rows and its page."""
    kept = receipt(root, "try-none")
    assert kept["slug"] == "try-none" and "lang" not in kept and kept["key"] and "token" not in kept
    assert kept["parameters"] == {"as_of": "2025-06-30", "fault": "none", "then": "none"}
    assert "<dd>none</dd>" in site(root)["reports/site/en/try-none.html"].decode()
    names = {file.name for file in (root / "reports/runs/try-none").iterdir()}
    assert names == {"executed.ipynb", "page.json", "rows.parquet"}


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in ("none", "exit")])
def test_a_run_that_went_wrong_has_no_receipt_and_no_page(root, first, fault):
    """Neither a raised error, nor a dead kernel, nor a missing or forged last step is taken for success."""
    assert "✗" in said_of(first, f"try-{fault}")
    assert receipt(root, f"try-{fault}") is None
    assert f"reports/site/en/try-{fault}.html" not in site(root)


def test_rows_of_a_good_run_are_read_and_those_of_a_failed_one_are_missed(root, first):
    """A run that reads comes after what it reads; where that failed it is not built, and no page says old numbers anew."""
    assert "✓" in said_of(first, "reader") and receipt(root, "reader")
    assert "not built: needs try-ours" in said_of(first, "lost")
    assert receipt(root, "lost") is None and "reports/site/en/lost.html" not in site(root)


def test_exit_in_a_cell_is_no_way_around_the_gate(root, first):
    """Jupyter goes on after exit(): the run is kept only because its last step was reached, or else it failed."""
    said, kept = said_of(first, "try-exit"), receipt(root, "try-exit")
    assert ("✗" in said) == (kept is None)


def test_some_failed_runs_give_exit_code_1(first):
    """Scripts can tell a partly failed build from a good one and from a refused one."""
    assert first.returncode == 1, first.stdout + first.stderr
    assert "Traceback" not in first.stdout + first.stderr


def test_an_ordinary_error_tells_its_class_and_no_person(root, first):
    """A message of pandas may hold a name: it stays in a file for the analyst, and goes to no screen and no site."""
    assert "raised ValueError" in said_of(first, "try-person")
    everything = first.stdout + first.stderr + "".join(page.decode() for page in site(root).values())
    assert PERSON not in everything and "Bí Mật" not in everything
    failed = root / "reports/runs/failed-try-person.ipynb"
    assert failed.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [("ours", "TargetsError: There is no target 'T9'"), ("twins", "Two outputs of this page are named 'facts'"),
     ("killed", "kernel stopped"), ("gone", "kernel stopped"), ("unfinished", "record missing"),
     ("forged", "did not reach its last step")],
)  # fmt: skip
def test_a_failure_says_what_it_was(first, fault, words):
    """The project's own messages are shown whole, and a dead kernel is called dead."""
    assert words in said_of(first, f"try-{fault}")


def test_nothing_is_left_behind(root, first):
    """No kernel and no half-written folder outlives the build."""
    assert still_running(root) == []
    assert not list((root / "reports").rglob(".run-*")) and not list((root / "reports").rglob("*.part"))


def hostile(folder) -> dict[str, str]:
    """What users have around them: start-up files, another kernel of the same name, settings, warnings as errors."""
    startup = folder / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("sorted = None\nraise SystemExit(3)", encoding="utf-8")
    (folder / "jupyter").mkdir()
    (folder / "jupyter/jupyter_config.py").write_text("raise RuntimeError", encoding="utf-8")
    kernel = folder / "kernels/kernels/python3"
    kernel.mkdir(parents=True)
    spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "another", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    (folder / "matplotlibrc").write_text("text.usetex: True\nfont.size: 30\n", encoding="utf-8")
    return {
        "IPYTHONDIR": str(folder / "ipython"), "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_PATH": str(folder / "kernels"), "MATPLOTLIBRC": str(folder / "matplotlibrc"),
        "PYTHONSTARTUP": str(startup / "00.py"), "PYTHONWARNINGS": "error::ResourceWarning",
    }  # fmt: skip


def test_nobodys_kernel_or_start_up_files_are_used(root, first, tmp_path):
    """The same page in a room full of other people's settings, each of which breaks a kernel that reads it."""
    before = site(root)["reports/site/en/try-none.html"]
    rows = (root / "reports/runs/try-none/rows.parquet").read_bytes()
    done = build(root, "try-none", "--force", **hostile(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert (root / "reports/runs/try-none/rows.parquet").read_bytes() == rows
    assert site(root)["reports/site/en/try-none.html"] == before


@pytest.fixture(scope="module")
def second(root, first):
    """The good run goes wrong the next time: its process is killed from within."""
    before = site(root)["reports/site/en/try-none.html"]
    return build(root, "try-none", "--set", "then=worker", "--jobs", "1"), before


def test_the_earlier_page_stays_and_is_labelled(root, second):
    """A failed rerun leaves the last good page, and the home page says that it is old and why."""
    done, before = second
    assert done.returncode == 1 and "process that ran it was killed" in done.stdout + done.stderr
    assert site(root)["reports/site/en/try-none.html"] == before
    home = site(root)["reports/site/en/index.html"].decode()
    assert 'href="try-none.html"' in home and "process that ran it was killed" in home


def test_a_killed_worker_leaves_no_kernel(root, second):
    """A kernel whose worker died ends itself."""
    deadline = time.monotonic() + 60
    while still_running(root) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert still_running(root) == []


def test_two_builds_at_once(root, first):
    """The second writer is sent away at once with code 3, and touches nothing."""
    before = site(root)
    with (root / "reports/.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        busy = build(root, "try-none", "--force", lang="vi")
    assert busy.returncode == 3 and "Một lượt dựng trang khác" in busy.stderr
    assert site(root) == before


@pytest.mark.parametrize("words", [("--set", "as_of=2025-02-30"), ("--data", "nowhere")])
def test_a_wrong_request_is_refused_before_anything_runs(root, words):
    """Wrong input is exit code 2, one sentence, no traceback, no kernel."""
    done = build(root, *words)
    assert done.returncode == 2 and done.stderr.strip() and "Traceback" not in done.stderr
    assert "✓" not in done.stdout + done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_build_stops_everything(root, first, second, number, code):
    """Ctrl-C and a service that stops the build end its kernels, drop what was waiting, and leave the site as it was."""
    before = site(root)
    running = start(root, "try-none", "slow", "try-ours", "--set", "then=slow", "--jobs", "1")
    deadline = time.monotonic() + 150
    while not list((root / "reports/runs").glob(".run-*/slow")):
        assert running.poll() is None and time.monotonic() < deadline, running.communicate()
        time.sleep(0.1)
    running.send_signal(number)
    out, err = running.communicate(timeout=150)
    assert running.returncode == code, out + err
    assert "Traceback" not in err
    assert still_running(root) == []
    assert site(root) == before
    assert not list((root / "reports/runs").glob("*/.run-*"))
