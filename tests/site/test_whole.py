"""The whole path, as a user walks it: a registry in, a site out; three registries, both languages, real kernels."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from golden.frozen import RELEASED, differences
from site_checks import network_requests, site_faults

from analysis import project
from analysis.publishing.pages.readme import END, START, found_table

pytestmark = pytest.mark.xdist_group("whole")
ANALYSIS = str(Path(sys.executable).with_name("analysis"))


def analysis(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess:
    command = [ANALYSIS, "--lang", "en", *map(str, words)]
    return subprocess.run(command, cwd=folder or project.root(), capture_output=True, text=True, timeout=900)


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    """The plan on the bundled province, as `make report` runs it, but into a folder of its own."""
    out = tmp_path_factory.mktemp("default")
    fresh = tmp_path_factory.mktemp("province") / "synthetic"
    assert analysis("simulate", "--out", fresh).returncode == 0
    done = analysis("build", "--data", fresh, "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_every_page_of_the_default_site_keeps_the_rules(default):
    assert site_faults(default / "site") == {}
    assert len(list((default / "site/vi").glob("*.html"))) == 11


@pytest.mark.browser
def test_pages_open_from_disk_without_any_network(default):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    assert network_requests(default / "site", chromium) == []


def test_nothing_runs_again_when_nothing_changed(default):
    started = time.monotonic()
    again = analysis("status", "--data", default, "--out", default)  # a wrong registry: its runs are not fresh
    assert "fresh" not in again.stdout
    province = next(Path(default).parent.parent.rglob("province*/synthetic"))
    done = analysis("build", "--data", province, "--out", default)
    assert done.returncode == 0 and done.stdout.startswith("0 run, 22 unchanged"), done.stdout
    assert time.monotonic() - started < 60


def test_readme_table_is_what_the_runs_released(default):
    readme = (project.root() / "README.md").read_text(encoding="utf-8")
    shown = readme.split(START)[1].split(END)[0].strip()
    assert shown == found_table(default / "runs"), "run `make report readme`"


@pytest.mark.parametrize("frozen", sorted(RELEASED.glob("*.csv")), ids=lambda file: file.stem)
def test_released_rows_are_as_frozen(default, frozen):
    """What leaves does not change unless a commit of its own says why."""
    rows = pd.read_csv(default / "runs" / frozen.stem / "vi/released.csv")
    assert differences(rows, pd.read_csv(frozen)) == []


def test_released_rows_hold_no_count_below_the_limit(default):
    """What leaves as CSV is as safe as what is drawn: small counts are absent, not hidden by formatting."""
    for file in default.rglob("released.csv"):
        rows = pd.read_csv(file)
        ours = rows[
            ~rows["method"].isin(["census", "ledger"]) & (rows["term"] != "met_with_extra")
        ]  # by enrolments to come
        assert not (ours[["n", "n_exposed", "n_event"]] < 10).any(axis=None), file


def test_pages_in_english_are_in_english(default):
    """No Vietnamese letter outside names, quotations and the switch to the other language."""
    letters = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
    allowed = ("Sóc Trăng", "02-ĐA/TU", "Tiếng Việt", "Việt", "Tỉnh mô phỏng", "và", "quy hoạch")
    for page in (default / "site/en").glob("*.html"):
        text = re.sub(
            r"<(style|pre|code)[^>]*>.*?</\1>|base64,[A-Za-z0-9+/=]+|<[^>]+>", " ", page.read_text(), flags=re.S
        )
        for name in allowed:
            text = text.replace(name, "")
        found = letters.search(text)
        assert not found, f"{page.name}: …{text[max(0, found.start() - 60) : found.start() + 40]}…"


@pytest.mark.parametrize(
    ("source", "words"),
    [("folder", ["--people", "6000", "--seed", "7"]), ("workbook", None)],
    ids=["folder", "workbook"],
)
def test_other_registries_give_a_site_too(source, words, tmp_path):
    """Another seed and size, and a workbook with Vietnamese headers: thin groups give pages that say so, not failures."""
    if source == "folder":
        data = tmp_path / "other"
        assert analysis("simulate", *words, "--out", data).returncode == 0
    else:
        data = project.root() / "data/sample/ho_so.xlsx"
    done = analysis(
        "build",
        "targets",
        "target-t1",
        "planner",
        "promotion-effect",
        "registry",
        "--data",
        data,
        "--out",
        tmp_path / "out",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert site_faults(tmp_path / "out/site") == {}


def test_a_registry_without_planning_lists_gives_pages_that_say_so(tmp_path):
    """The main common cause is not known: the effect is not assessable and the page names the table; targets stand."""
    data = tmp_path / "bare"
    assert analysis("simulate", "--people", "1500", "--seed", "3", "--out", data).returncode == 0
    (data / "planning.parquet").unlink()
    done = analysis(
        "build", "target-t4", "promotion-effect", "effect-checks", "--data", data, "--out", tmp_path / "out"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert site_faults(tmp_path / "out/site") == {}
    for page in ("promotion-effect", "effect-checks"):
        text = (tmp_path / f"out/site/en/{page}.html").read_text(encoding="utf-8")
        assert "Not assessable" in text and "no table planning" in text


def test_a_broken_registry_stops_before_anything_is_touched(default, tmp_path):
    """Wrong input: exit 2, one message, no traceback, and the site that stands is byte for byte the same."""
    before = {page: page.read_bytes() for page in (default / "site").rglob("*.html")}
    province = next(Path(default).parent.parent.rglob("province*/synthetic"))
    broken = tmp_path / "broken"
    shutil.copytree(province, broken)
    posts = pd.read_parquet(broken / "posts.parquet")
    posts.drop(columns="grade").to_parquet(broken / "posts.parquet")
    done = analysis("build", "--data", broken, "--out", default)
    assert done.returncode == 2 and "grade" in done.stderr and "Traceback" not in done.stderr + done.stdout
    assert {page: page.read_bytes() for page in (default / "site").rglob("*.html")} == before
