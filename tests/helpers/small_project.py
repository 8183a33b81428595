"""A project of one tiny notebook that goes wrong in whatever way its parameter asks, to be built by the real command."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis import project
from analysis.errors import PublishingError
from analysis.publishing.batch import fresh, parameters
from analysis.publishing.pages import prose
from analysis.words import Message

ANALYSIS = str(Path(sys.executable).with_name("analysis"))
PERSON = "Nguyễn Thị Bí Mật"
META = {
    "name": "nhỏ", "extracted": "2025-06-30", "covers_from": "2015-01-01", "leavers_included": True, "synthetic": True,
    "declaration": "không thuộc danh mục bí mật nhà nước", "source": "test",
}  # fmt: skip
TABLES = {
    "people": "person_id,sex,birth_date,ethnicity,recruited\nP1,female,1985-01-01,kinh,2010-01-01\n",
    "units": "unit_id,name_vi,name_en,level,kind\nU1,Sở A,Department A,province,state\n",
    "posts": "person_id,unit_id,started,title,grade,staff_kind,decision\nP1,U1,2010-01-01,cv,0,civil_servant,recruitment\n",
    "training": "person_id,course_id,kind,started,mode,place,funder\nP1,C1,digital,2020-01-01,online,home,other_budget\n",
    "qualifications": "person_id,level,field,awarded,verified\nP1,bachelor,,2008-01-01,true\n",
    "exits": "person_id,exited,reason\n",
}
PARAMETERS = """data: str = "data"  # registry
as_of: str = "2025-06-30"  # day
fault: str = "none"  # what goes wrong
then: str = "none"  # what goes wrong the next time
"""
PROSE = "# Try\nA sentence."
GO_WRONG = f'''import os, signal, time
from pathlib import Path
folder, wrong = Path(os.environ["ANALYSIS_RUN"]), then if then != "none" else fault
if wrong == "person": raise ValueError("could not convert string to float: " + "{PERSON[::-1]}"[::-1])
if wrong == "gone": os._exit(0)
if wrong == "killed": os.kill(os.getpid(), signal.SIGKILL)
if wrong == "exit": exit()
if wrong == "slow": (folder / "slow").touch(); time.sleep(300)
if wrong == "worker": os.kill(os.getppid(), signal.SIGKILL); time.sleep(300)
if wrong == "forged": (folder / "page.json").write_text('{{"token": "old", "released": [], "parameters": {{}}}}')'''
OURS = """from analysis.errors import TargetsError
if wrong == "ours": raise TargetsError("There is no target {name!r}; data/reference/targets.yml has {known}.", name="T9", known="T1")"""
OPEN = """whole = wrong not in ("unfinished", "forged")  # those two never come to the gate
if whole: from analysis import publishing
if whole: page = publishing.open_page("90_try", globals())
if whole: reg = page.load()"""
READ = """if wrong == "reads": rows = page.read("try-none")"""
RELEASE = """if whole: page.facts(as_of=reg.as_of, then=then)
if wrong == "twins": page.facts(as_of=reg.as_of)"""
FINISH = "if whole: page.close()"


def make_project(root: Path, runs: dict) -> Path:
    """Write the project's files: reference data copied, a registry of one person, one notebook, a plan of `runs`."""
    shutil.copytree(project.root() / "data/reference", root / "data/reference")
    (root / "data/tiny").mkdir()
    for name, text in TABLES.items():
        (root / f"data/tiny/{name}.csv").write_text(text, encoding="utf-8")
    (root / "data/tiny/registry.yml").write_text(yaml.safe_dump(META, allow_unicode=True), encoding="utf-8")
    (root / "notebooks").mkdir()
    nbformat.write(make_notebook(), root / "notebooks/90_try.ipynb")
    prose.write_prose(root / "locale/vi/90_try.md", [("prose", PROSE, "# Thử\nMột câu.")])
    write_plan(root, runs)
    return root


def write_plan(root: Path, runs: dict, **changes) -> None:
    entries = {
        "site": {"title": {"vi": "Thử", "en": "Try"}, "intro": {"vi": "Thử.", "en": "Try."}, "languages": ["en"]},
        "data": "data/tiny",
        "parameters": {"as_of": {"date": True}},
        "groups": {"g": {"vi": "Nhóm", "en": "Group"}},
        "runs": {name: {"notebook": "90_try", "group": "g", **entry} for name, entry in runs.items()},
        **changes,
    }
    (root / "plan.yml").write_text(yaml.safe_dump(entries, allow_unicode=True, sort_keys=False), encoding="utf-8")


def make_notebook(parameters: str = PARAMETERS) -> nbformat.NotebookNode:
    cells = [
        new_markdown_cell(PROSE, id="prose"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *map(new_code_cell, (GO_WRONG, OURS, OPEN, READ, RELEASE, FINISH)),
    ]
    return new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
    )


def environment(root: Path) -> dict[str, str]:
    left_out = ("ANALYSIS_RUN", "ANALYSIS_TOKEN")
    return {name: value for name, value in os.environ.items() if name not in left_out} | {"ANALYSIS_ROOT": str(root)}


def command(root: Path, *words: str) -> list[str]:
    return [ANALYSIS, "--lang", "en", "build", *words, "--out", str(root / "reports")]


def build(root: Path, *words: str, lang: str = "en", **around: str) -> subprocess.CompletedProcess:
    """Build in the environment of the test, and what is `around` it."""
    asked = command(root, *words)
    asked[2] = lang
    return subprocess.run(asked, cwd=root, env=environment(root) | around, capture_output=True, text=True, timeout=180)


def start(root: Path, *words: str) -> subprocess.Popen:
    return subprocess.Popen(
        command(root, *words),
        cwd=root,
        env=environment(root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in the background ignores Ctrl-C
    )


def receipt(root: Path, slug: str) -> dict | None:
    path = root / "reports/runs" / slug / "page.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def site(root: Path) -> dict[str, bytes]:
    return {str(page.relative_to(root)): page.read_bytes() for page in sorted((root / "reports/site").rglob("*.html"))}


def still_running(root: Path) -> list[int]:
    """Processes that were started for this project: all of them carry its root in their environment."""
    mark, found = f"ANALYSIS_ROOT={root}\0".encode(), []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state = (place / "stat").read_text().rsplit(")", 1)[1].split()[0]
            if mark in (place / "environ").read_bytes() and state != "Z":
                found.append(int(place.name))
        except (OSError, IndexError):
            continue
    return found


CACHES = (
    project.root, project.reference, parameters.read_plan, parameters.declared, fresh.code_hash, fresh.look_hash, fresh.data_hash,
    prose.read_prose,
)  # fmt: skip


def forget() -> None:
    """Forget what was read, so that a project may change within one process."""
    for cached in CACHES:
        cached.cache_clear()


def refused(call, *arguments, **named) -> Message:
    """Call what must be refused, and give the message, which is said in both languages."""
    with pytest.raises(PublishingError) as error:
        call(*arguments, **named)
    assert error.value.text.say("en") != error.value.text.say("vi")
    return error.value.text
