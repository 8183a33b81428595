"""The project's own files agree: locks, conda, make, README, plan; nothing installs in secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from analysis import project
from analysis.publishing.batch.parameters import read_plan

ROOT = project.root()
CHECKLIST = ROOT / "docs" / "TARGET.md"
PYTHONS = ("3.11.9", "3.12.9", "3.13.9")


def pins(lock: str, python: str) -> dict[str, str]:
    """Versions that a lock installs on a Python, by name."""
    environment = {"python_version": python.rsplit(".", 1)[0], "python_full_version": python, "sys_platform": "linux",
                   "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64",
                   "implementation_name": "cpython", "platform_python_implementation": "CPython"}  # fmt: skip
    found: dict[str, str] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if line and line[0].isalnum():
            wanted = Requirement(line.rstrip(" \\"))
            if wanted.marker is None or wanted.marker.evaluate(environment):
                assert wanted.name not in found, f"{wanted.name} twice for {python}"
                found[wanted.name.lower().replace("_", "-")] = str(wanted.specifier).removeprefix("==")
    return found


def asked() -> list[Requirement]:
    text = (ROOT / "pyproject.toml").read_text()
    block = text.split("dependencies = [", 1)[1].split("]", 1)[0]
    return [Requirement(name) for name in re.findall(r'"([^"]+)"', block)]


@pytest.mark.parametrize("python", PYTHONS)
def test_locks_hold_every_dependency_at_an_allowed_version(python):
    """Who installs from a lock gets all that the package needs, at versions that it works with."""
    run, test = pins("requirements.lock", python), pins("requirements-test.lock", python)
    for wanted in asked():
        name = wanted.name.lower()
        assert name in run, f"{name} is not locked for {python}"
        assert wanted.specifier.contains(run[name]), f"{name} {run[name]}"
    assert {name: version for name, version in test.items() if name in run} == run, "the locks drift apart"
    assert Version(run["pandas"]).major >= 3
    assert not {"lifelines", "acro"} & set(test)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_every_locked_package_has_a_hash_and_no_address(lock):
    """Nobody installs a package that was swapped on the way, or is sent to a server that they cannot reach."""
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text)
    assert all("--hash=sha256:" in entry for entry in entries if re.match(r"[a-z0-9]", entry))
    assert "://" not in text and "index-url" not in text


def test_conda_installs_the_same_lock():
    """Conda's users get the same versions, and so the same numbers, as pip's."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = [one for one in environment["dependencies"] if isinstance(one, str)]
    pip = next(one["pip"] for one in environment["dependencies"] if isinstance(one, dict))
    assert {re.split(r"[ <>=]", one)[0] for one in conda} == {"python", "pip"}
    assert pip == ["--requirement requirements.lock"]
    assert ">=3.11,<3.14" in conda[0]


def test_make_targets_named_in_documents_exist():
    """No document tells a reader to run a command that is not there."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md", "METHODS.md", "LIMITATIONS.md", "PRIVACY.md"):
        for name in re.findall(r"`make ([a-z-]+)|^ +make ([a-z-]+)", (ROOT / document).read_text(), re.MULTILINE):
            assert (name[0] or name[1]) in targets, f"{document} names make {name}"
    assert {"report", "test", "test-long", "lab", "data", "check", "bench", "lock", "clean"} <= targets


def test_readme_layout_is_the_tree():
    """The README sends nobody to a file that was moved or removed."""
    layout = (ROOT / "README.md").read_text().split("## Layout")[1]
    for path in re.findall(r"^    ([\w./-]+)", layout, re.MULTILINE):
        made = path in ("data/synthetic/", "reports/")
        assert made or (ROOT / path).exists(), f"README names {path}"


def test_dependencies_are_explained():
    """Whoever must approve an installation finds why each package is needed."""
    text = (ROOT / "METHODS.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    for wanted in asked():
        assert re.search(rf"\b{re.escape(wanted.name)}\b", text, re.IGNORECASE), (
            f"nobody says why {wanted.name} is there"
        )


def test_root_documents_are_those_that_readers_expect():
    """Protects: no stray notes beside the documents, and none of them lost."""
    allowed = {
        "README.md",
        "METHODS.md",
        "LIMITATIONS.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "ARCHITECTURE.md",
        "GLOSSARY.md",
        "PRIVACY.md",
    }
    assert {path.name for path in ROOT.glob("*.md")} == allowed


def test_plan_names_what_exists():
    """A notebook renamed without its entry in the plan is found here, not in the middle of a build."""
    plan = read_plan()
    for run, entry in plan["runs"].items():
        assert (ROOT / "notebooks" / f"{entry['notebook']}.ipynb").is_file(), run
        assert entry["group"] in plan["groups"]


@pytest.mark.parametrize("name", ["targets.yml", "rules.yml", "events.yml", "disclosure.yml"])
def test_reference_data_say_their_standing(name):
    """What has no source is marked assumed; nothing stands without a word on where it comes from."""
    text = (ROOT / "data/reference" / name).read_text()
    standings = re.findall(r"standing: (\w+)", text)
    assert standings and set(standings) <= {"found", "derived", "assumed"}


def anchors(document: Path) -> set[str]:
    """Headings of a document as links name them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_checklist_for_authors_has_every_item():
    """An item of the guideline is answered by yes, partly or no; none is passed over."""
    rows = re.findall(r"^\| ([\da-hi(), ]+?) \|.*?\| (yes|partly|no) \|", CHECKLIST.read_text(), re.MULTILINE)
    items = [item for named, _ in rows for item in named.split(", ")]
    parts = {f"{number}{part}" for number in (6, 7) for part in "abcdefgh"} | {"1a", "1b", "1c"}
    assert {re.match(r"\d+[a-h]?", item).group() for item in items} == parts | {
        str(number) for number in range(2, 22) if number not in (6, 7)
    }


def test_the_checklist_for_authors_leads_somewhere():
    """An author finds the cell and the heading that the checklist names."""
    text = CHECKLIST.read_text()
    for document, anchor in re.findall(r"\]\(\.\./([\w/]+\.md)#([\w-]+)\)", text):
        assert anchor in anchors(ROOT / document), f"{document}#{anchor}"
    for line in text.splitlines():
        known: set[str] = set()
        for number, cell in re.findall(r"notebook (\d\d)|`((?:00-)?\d\d|c\d\d+b?)`", line):
            if number:
                (path,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
                known = {one["id"] for one in json.loads(path.read_text(encoding="utf-8"))["cells"]}
            else:
                assert cell in known, f"{cell}: {line}"
