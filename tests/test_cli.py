"""The command line as a user walks it: plain sentences, exit codes, nothing overwritten, nobody shown."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from clean_registry import ANNA, BINH, BIRTHS, CHI, clean, write_book, write_csv

from analysis import project
from analysis.cli import main

SECRETS = (ANNA, BINH, CHI, *BIRTHS.values())
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩậắằẳặẹẻẽếềểễệỉịọỏốồổỗộớờởợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


class Said:
    """What a command printed, and its exit code; a traceback, a path or a person in it fails the test at once."""

    def __init__(self, done: subprocess.CompletedProcess, folder: Path):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.all = done.stdout + done.stderr
        assert "Traceback" not in self.all, self.all
        assert str(folder) not in self.all and str(project.root()) not in self.all, self.all
        assert not [secret for secret in SECRETS if secret in self.all], self.all


def asked(words, lang) -> list[str]:
    return [*(["--lang", lang] if lang else []), *map(str, words)]


def run(folder: Path, *words: object, lang: str | None = "en") -> Said:
    """Run `analysis` from the folder, with paths as a user types them; in this process, which is quick."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    on_term = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setenv("ANALYSIS_LANG", "")
        patch.setattr(sys, "argv", ["analysis", *asked(words, lang)])
        with pytest.raises(SystemExit) as ended:
            main()
    signal.signal(signal.SIGTERM, on_term)
    said = [stream.buffer.getvalue().decode("utf-8") for stream in (out, err)]
    return Said(subprocess.CompletedProcess([], ended.value.code, *said), folder)


def run_apart(folder: Path, *words: object, lang: str | None = "en", **environment: str) -> Said:
    """Run the same in a process of its own, as a shell does, with this environment."""
    plain = {key: value for key, value in os.environ.items() if key not in ("ANALYSIS_LANG", "LANG", "LC_ALL")}
    command = [sys.executable, "-c", "from analysis.cli import main; main()", *asked(words, lang)]
    done = subprocess.run(
        command,
        cwd=folder,
        env=plain | environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )
    return Said(done, folder)


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    """A folder in which a small province was simulated."""
    folder = tmp_path_factory.mktemp("province")
    said = run(folder, "simulate", "--people", 100, "--seed", 5, "--out", "here")
    assert said.code == 0 and said.out == "Synthetic province of 100 people written to here.\n"
    return folder


@pytest.fixture
def spoilt(tmp_path):
    """A registry with one unknown code and one day that does not exist."""
    rows = clean()
    rows["people"][0]["sex"] = "unknown"
    rows["posts"][0]["started"] = "2004-02-31"
    return write_csv(tmp_path / "data", rows)


def test_simulate_makes_a_registry_that_checks_clean(province):
    """Protects: the first two commands of the README: what is simulated has no errors."""
    said = run(province, "check", "here")
    assert said.code == 0 and "0 errors" in said.out and said.err == ""


def test_simulate_if_missing_leaves_what_is_there(province):
    """Protects: `make data` twice does not write again, and says nothing."""
    before = files(province)
    said = run(province, "simulate", "--people", 100, "--seed", 6, "--out", "here", "--if-missing")
    assert (said.code, said.all) == (0, "") and files(province) == before


def test_simulate_again_replaces_what_is_synthetic(province):
    """Protects: the same seed gives the same bytes, and no draft stays beside them."""
    before = {name: data for name, (_, data) in files(province).items()}
    assert run(province, "simulate", "--people", 100, "--seed", 5, "--out", "here").code == 0
    assert {name: data for name, (_, data) in files(province).items()} == before


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize(
    "content", [{"notes.txt": "mine"}, {"registry.yml": "synthetic: false\n"}, {"registry.yml": "- a\n"}]
)
def test_simulate_refuses_a_folder_of_somebody_else(tmp_path, lang, content):
    """Protects: real data and other people's files are never replaced."""
    (tmp_path / "mine").mkdir()
    for name, text in content.items():
        (tmp_path / "mine" / name).write_text(text, encoding="utf-8")
    before = files(tmp_path)
    said = run(tmp_path, "simulate", "--people", 100, "--out", "mine", lang=lang)
    assert said.code == 2 and files(tmp_path) == before
    assert ("not a synthetic registry" if lang == "en" else "không phải dữ liệu mô phỏng") in said.err


@pytest.mark.parametrize(
    "words",
    [
        ["simulate", "--people", "5"],
        ["simulate", "--people", "many"],
        ["check"],
        ["nonsense"],
        ["--lang", "fr", "check", "x"],
    ],
)
def test_wrong_words_on_the_command_line_end_in_two(tmp_path, words):
    """Protects: a mistyped command changes nothing, and says how to use it."""
    said = run(tmp_path, *words, lang=None)
    assert said.code == 2 and "Error" in said.err and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "write",
    [lambda path: write_csv(path / "data"), lambda path: write_book(path / "data.xlsx")],
    ids=["folder", "workbook"],
)
def test_check_of_a_clean_source(tmp_path, write):
    """Protects: a clean source of either kind ends in 0 and is only read."""
    path = write(tmp_path)
    before = files(tmp_path)
    said = run(tmp_path, "check", path.name)
    assert (said.code, said.out) == (0, "0 errors, 0 warnings.\n") and files(tmp_path) == before


def test_check_with_warnings_only_ends_in_zero(tmp_path):
    """Protects: warnings are told, and do not stop."""
    write_csv(tmp_path / "data", leavers_included=False)
    said = run(tmp_path, "check", "data")
    assert said.code == 0 and "[warning]" in said.out and "0 errors, 1 warnings." in said.out


def test_check_lists_every_error_in_the_language_asked_for(spoilt):
    """Protects: exit 2, a line a finding with file, row and fix, in one language, and the source left as it was."""
    before = files(spoilt)
    english, vietnamese = (run_apart(spoilt.parent, "check", "data", lang=lang) for lang in ("en", "vi"))
    assert english.code == vietnamese.code == 2 and files(spoilt) == before
    assert len(english.out.splitlines()) == len(vietnamese.out.splitlines()) == 3
    assert "people.csv" in english.out and "(1 rows: 2)" in english.out and "Allowed: female, male." in english.out
    assert not VIETNAMESE.search(english.all) and "[error]" in english.out
    assert (
        "2 lỗi" in vietnamese.out and "Được phép: female, male." in vietnamese.out and "[error]" not in vietnamese.all
    )


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_check_of_what_cannot_be_read(tmp_path, lang):
    """Protects: a missing path, an empty folder, a locked or broken workbook and a database address: one sentence, exit 2."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    (tmp_path / "cut.xlsx").write_bytes(write_book(tmp_path / "book.xlsx").read_bytes()[:2000])
    for source in ("nowhere", "empty", "old.xlsx", "cut.xlsx", "postgresql://me:secret@host/db"):
        said = run(tmp_path, "check", source, lang=lang)
        assert said.code == 2 and said.out == "" and len(said.err.splitlines()) == 1, source
        assert bool(VIETNAMESE.search(said.err)) == (lang == "vi"), source
        assert "secret" not in said.err


def test_the_language_is_that_of_the_environment(tmp_path):
    """Protects: without --lang the locale decides, and ANALYSIS_LANG over it."""
    assert "does not exist" in run_apart(tmp_path, "check", "nowhere", lang=None, LANG="en_GB.UTF-8").err
    assert "không tồn tại" in run_apart(tmp_path, "check", "nowhere", lang=None, LANG="vi_VN.UTF-8").err
    assert (
        "không tồn tại"
        in run_apart(tmp_path, "check", "nowhere", lang=None, LANG="en_GB.UTF-8", ANALYSIS_LANG="vi").err
    )


def test_a_terminal_without_vietnamese_letters_is_no_fault(spoilt):
    """Protects: where the terminal cannot show a letter there is a mark, not a traceback."""
    said = run_apart(spoilt.parent, "check", "data", lang="vi", PYTHONIOENCODING="latin-1")
    assert said.code == 2 and "?" in said.out


def test_a_reader_that_stops_reading_is_no_fault(spoilt):
    """Protects: `analysis check data | head -1` prints no traceback."""
    command = f"'{sys.executable}' -c 'from analysis.cli import main; main()' check data | true"
    done = subprocess.run(command, shell=True, cwd=spoilt.parent, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr and "None" not in done.stderr


# build, status and explain: what is asked for is checked before anything runs

WRONG = {  # words after the command, and what the message has to list
    "run": (["nonsense"], ["nonsense", "promotion-effect", "registry", "target-t1"]),
    "parameter": (["--set", "tarket=T1"], ["tarket", "target", "as_of"]),
    "value": (["target", "--set", "target=T9"], ["T9", "T1, T2, T3, T4"]),
    "form": (["--set", "target"], ["target", "NAME=VALUE"]),
    "day": (["--set", "as_of=31/02/2025"], ["31/02/2025", "YYYY-MM-DD"]),
}


@pytest.mark.parametrize("command", ["build", "status"])
@pytest.mark.parametrize("name", WRONG)
def test_what_the_plan_does_not_know_is_refused_with_what_it_knows(tmp_path, command, name):
    """Protects: a mistyped run, parameter or value stops before any notebook, and lists what is allowed."""
    words, listed = WRONG[name]
    said = run(tmp_path, command, *words, "--data", "nowhere", "--out", "out")
    assert said.code == 2 and not VIETNAMESE.search(said.err) and list(tmp_path.iterdir()) == []
    assert all(word in said.err for word in listed), said.err


def test_what_the_plan_does_not_know_is_refused_in_vietnamese(tmp_path):
    """Protects: the same in Vietnamese."""
    for name, (words, _) in WRONG.items():
        said = run(tmp_path, "build", *words, "--out", "out", lang="vi")
        assert said.code == 2 and VIETNAMESE.search(said.err), name


def test_explain_tells_a_run_or_lists_those_there_are(tmp_path):
    """Protects: a run's notebook, parameters and what they may be; an unknown run lists the known ones."""
    said = run(tmp_path, "explain", "target-t1")
    assert said.code == 0 and "notebooks/41_one_target.ipynb" in said.out
    assert "target: str = 'T1'" in said.out and "ALL, T1, T2, T3, T4" in said.out
    said = run(tmp_path, "explain", "nonsense")
    assert said.code == 2 and "target-t1" in said.err and said.out == ""
    assert VIETNAMESE.search(run(tmp_path, "explain", "nonsense", lang="vi").err)


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_build_on_a_registry_with_errors_writes_nothing(spoilt, lang):
    """Protects: no page is made from data that break the contract, and the pages that are there stay."""
    folder = spoilt.parent
    (folder / "out" / "site").mkdir(parents=True)
    (folder / "out" / "site" / "index.html").write_text("before", encoding="utf-8")
    before = files(folder)
    said = run_apart(folder, "build", "registry", "--data", "data", "--out", "out", lang=lang)
    assert said.code == 2 and "people.csv" in said.err and "posts.csv" in said.err
    after = files(folder)
    after.pop("out/.lock", None)
    assert after == before


def test_build_on_data_that_are_not_there_writes_nothing(tmp_path):
    """Protects: a mistyped --data says so."""
    said = run_apart(tmp_path, "build", "registry", "--data", "nowhere", "--out", "out")
    assert said.code == 2 and "does not exist" in said.err
    assert {path.name for path in (tmp_path / "out").rglob("*")} <= {".lock"}


def test_status_of_nothing_is_missing_and_writes_nothing(province):
    """Protects: looking changes nothing."""
    before = files(province)
    said = run_apart(province, "status", "registry", "--data", "here", "--out", "out")
    assert said.code == 0 and [line.split()[0] for line in said.out.splitlines()] == ["missing"]
    assert files(province) == before


def test_clean_removes_runs_and_site_and_nothing_else(tmp_path):
    """Protects: data and other files in the folder stay."""
    for name in ("out/runs/a", "out/site/b", "out/mine/c", "data/d"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert run(tmp_path, "clean", "--out", "out").code == 0
    assert list(files(tmp_path)) == ["data/d", "out/mine/c"]
    assert run(tmp_path, "clean", "--out", "nowhere").code == 0


def test_the_installed_command_is_the_same(tmp_path):
    """Protects: `analysis` is on the path of the environment, with its version and help."""
    command = shutil.which("analysis", path=str(Path(sys.executable).parent))
    assert command
    for word in ("--version", "--help"):
        done = subprocess.run([command, word], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stdout
