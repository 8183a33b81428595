"""The whole path, as a user walks it: a registry in, a site out; three registries, both languages, real kernels."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from afterwards import LATER
from golden.frozen import RELEASED, differences, reread
from site_checks import network_requests, site_faults

from analysis import project
from analysis.publishing.gate.simulated import SIMULATED
from analysis.publishing.pages.readme import FOUND, TABLE, between, found_lines, found_table

ANALYSIS = str(Path(sys.executable).with_name("analysis"))


def analysis(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess:
    command = [ANALYSIS, "--lang", "en", *map(str, words)]
    return subprocess.run(command, cwd=folder or project.root(), capture_output=True, text=True, timeout=1800)


def test_every_page_of_the_default_site_keeps_the_rules(built):
    """Language, links, anchors, words for figures, the synthetic ribbon, nobody's identifier: on every page."""
    assert site_faults(built.out / "site") == {}
    assert len(list((built.out / "site/vi").glob("*.html"))) == 19


def test_pages_are_light(built):
    """A page opens on a slow line: none above 700 kB, and both languages together far below what four drawings a figure took."""
    sizes = {page.name: page.stat().st_size for page in (built.out / "site").rglob("*.html")}
    assert max(sizes.values()) <= 700_000, sizes


@pytest.mark.browser
def test_pages_open_from_disk_without_any_network(built):
    """A reader without a network sees all of it, and nobody learns that he reads."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    assert network_requests(built.out / "site", chromium) == []


def test_a_run_is_executed_once_and_nothing_runs_again_when_nothing_changed(built):
    """Thirteen runs give twenty-six pages; a second build starts no kernel and draws no page."""
    assert "19 run, 0 unchanged, 0 failed" in built.said
    pages = {page: page.stat().st_mtime_ns for page in (built.out / "site").rglob("*.html")}
    again = analysis("status", "--data", built.out, "--out", built.out)  # a wrong registry: its runs are not fresh
    assert "fresh" not in again.stdout
    done = analysis("build", "--data", built.province, "--out", built.out)
    assert done.returncode == 0 and done.stdout.startswith("0 run, 19 unchanged"), done.stdout
    assert {page: page.stat().st_mtime_ns for page in (built.out / "site").rglob("*.html")} == pages


def test_readme_and_methods_say_what_the_runs_released(built):
    """No number of the documents is typed."""
    runs = built.out / "runs"
    for name, marks, made in (("README.md", FOUND, found_lines(runs)), ("METHODS.md", TABLE, found_table(runs))):
        assert between((project.root() / name).read_text(encoding="utf-8"), marks) == made, (
            f"{name}: run `make report readme`"
        )


@pytest.mark.parametrize("frozen", sorted(RELEASED.glob("*.csv")), ids=lambda file: file.stem)
def test_released_rows_are_as_frozen(built, frozen):
    """What leaves does not change unless a commit of its own says why."""
    rows = pd.read_parquet(built.out / "runs" / frozen.stem / "rows.parquet")
    assert differences(reread(rows), pd.read_csv(frozen)) == []


def test_released_rows_hold_no_count_below_the_limit(built):
    """What leaves as CSV is as safe as what is drawn: small counts are absent, not hidden by formatting."""
    for file in built.out.rglob("rows.parquet"):
        rows = pd.read_parquet(file)
        ours = rows[
            ~rows["method"].isin(["census", "ledger"]) & (rows["term"] != "met_with_extra")
        ]  # by enrolments to come
        assert not (ours[["n", "n_exposed", "n_event"]] < 10).any(axis=None), file


REPEATED = ("placebo", "specification")  # many draws of one name: a cloud, no quantity
NUMBERS = ["estimate", "conf_low", "conf_high"]
CURVE = "met_with_extra"  # a chance by the number of further enrolments: of that number it is a chance
WHAT = [
    "method",
    "estimand",
    "population",
    "outcome",
    "term",
    "time",
    "date",
    "conf_level",
    "further",
    "known",
    "asked",
]


def test_a_number_has_one_value_wherever_it_is_said(built):
    """Two pages that speak of the same quantity of the same people on the same day print the same number."""
    parts = []
    for file in sorted(built.out.rglob("rows.parquet")):
        rows = pd.read_parquet(file)
        made = json.loads((file.parent / "page.json").read_text(encoding="utf-8"))
        known = made["as_of"]
        rows["known"] = known if rows["method"].isin(SIMULATED).any() else ""  # a forecast is made on a day
        rows["asked"] = made["parameters"].get("exposure", "postgraduate")  # of this course a difference is
        rows["further"] = rows["n_exposed"].where(rows["term"] == CURVE)
        parts.append(rows[rows["estimate"].notna() & ~rows["run"].isin(REPEATED)].assign(page=file.parent.name))
    rows = pd.concat(parts).drop_duplicates([*WHAT, "run", *NUMBERS])
    several = rows[rows.duplicated([*WHAT, "run"], keep=False) & ~rows["term"].isin(["margin"])]
    assert several.empty, several[["page", "run", *WHAT, *NUMBERS]].sort_values(WHAT).to_string()


def test_pages_in_english_are_in_english(built):
    """No Vietnamese letter outside names, quotations and the switch to the other language."""
    letters = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
    allowed = ("Sóc Trăng", "02-ĐA/TU", "Tiếng Việt", "Việt", "Tỉnh mô phỏng", "và", "quy hoạch")
    for page in (built.out / "site/en").glob("*.html"):
        text = re.sub(r"<(style|pre|code|svg)[^>]*>.*?</\1>|<[^>]+>", " ", page.read_text(), flags=re.S)
        for name in allowed:
            text = text.replace(name, "")
        found = letters.search(text)
        assert not found, f"{page.name}: …{text[max(0, found.start() - 60) : found.start() + 40]}…"


def test_another_registry_gives_a_site_too(thin):
    """Another seed and fewer people: thin groups give pages that say so, not failures."""
    assert site_faults(thin.out / "site") == {}


def test_a_workbook_gives_a_site_too(tmp_path):
    """A registry as departments send it, in one workbook with Vietnamese headers, and too small for nearly everything."""
    data, out = project.root() / "data/sample/ho_so.xlsx", tmp_path / "out"
    runs = ("targets", "target-t1", "planner", "registry", "--set", "draws=100", "--set", "draft=true")
    done = analysis("build", *runs, "--data", data, "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert site_faults(out / "site") == {}


def test_a_registry_without_planning_lists_gives_pages_that_say_so(tmp_path):
    """The main common cause is not known: the effect is not assessable and the page names the table; targets stand.

    Nor are offices, fields, schools and costs on file: the page of those who were sent says what it lacks.
    """
    data = tmp_path / "bare"
    assert analysis("simulate", "--people", "1500", "--seed", "3", "--out", data).returncode == 0
    for table in ("planning", "needs", "establishments"):
        (data / f"{table}.parquet").unlink()
    for table, columns in LATER.items():
        rows = pd.read_parquet(data / f"{table}.parquet")
        rows.drop(columns=columns).to_parquet(data / f"{table}.parquet")
    done = analysis(
        "build",
        "target-t4",
        "promotion-effect",
        "effect-checks",
        "after-the-course",
        "--set",
        "draft=true",
        "--data",
        data,
        "--out",
        tmp_path / "out",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert site_faults(tmp_path / "out/site") == {}
    after = (tmp_path / "out/site/en/after-the-course.html").read_text(encoding="utf-8")
    for lacking in ("No office of any post", "No field of posts", "No cost of a course", "No school of any course"):
        assert lacking in after
    for page in ("promotion-effect", "effect-checks"):
        text = (tmp_path / f"out/site/en/{page}.html").read_text(encoding="utf-8")
        assert "Not assessable" in text and "no table planning" in text


def test_a_broken_registry_stops_before_anything_is_touched(built, tmp_path):
    """Wrong input: exit 2, one message, no traceback, and the site that stands is byte for byte the same."""
    before = {page: page.read_bytes() for page in (built.out / "site").rglob("*.html")}
    broken = tmp_path / "broken"
    shutil.copytree(built.province, broken)
    posts = pd.read_parquet(broken / "posts.parquet")
    posts.drop(columns="grade").to_parquet(broken / "posts.parquet")
    done = analysis("build", "--data", broken, "--out", built.out)
    assert done.returncode == 2 and "grade" in done.stderr and "Traceback" not in done.stderr + done.stdout
    assert {page: page.read_bytes() for page in (built.out / "site").rglob("*.html")} == before
