"""Notebooks keep the anatomy of the house."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest

from analysis import project
from analysis.effects.checks.check import EARLY
from analysis.publishing.batch.parameters import read_plan
from analysis.publishing.batch.plan import list_jobs
from analysis.publishing.pages.prose import find_stale, place_of, read_prose
from analysis.publishing.views.plot import find_view
from analysis.reference import verdict_rule

PATHS = sorted((project.root() / "notebooks").glob("*.ipynb"))
PAGES = [path for path in PATHS if path.stem in {run["notebook"] for run in read_plan()["runs"].values()}]
LETTERS = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|`[^`]*`")
NAMES = ("Sóc Trăng", "Đề án", "02-ĐA/TU")
SHOWN = re.compile(r"page\.show\(views\.(\w+\.\w+)")
STATEMENTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)

every = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
pages = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4).cells


def tags(cell):
    return set(cell.metadata.get("tags", []))


def code(path):
    return [cell for cell in read(path) if cell.cell_type == "code"]


def shown(cell) -> list:
    """The views that a cell shows."""
    return [find_view(name) for name in SHOWN.findall(cell.source)]


def figures(cell) -> int:
    return sum(view.draw is not None for view in shown(cell))


def prose(path):
    return [cell for cell in read(path) if cell.cell_type == "markdown"]


@every
def test_it_opens_with_its_question(path):
    """The first thing a reader sees is one title with question and estimand, then the parameters."""
    titles = [cell.source for cell in prose(path) if re.search(r"^# ", cell.source, re.MULTILINE)]
    assert titles == [read(path)[0].source] and len(titles[0].splitlines()) >= 3, "title, question, estimand"


@every
def test_parameters_are_the_first_code_and_literals(path):
    """papermill and the plan replace these values, so the cell holds nothing that must be computed, each line explained."""
    tagged = [cell for cell in code(path) if "parameters" in tags(cell)]
    assert tagged == code(path)[:1] and read(path)[1] == tagged[0]
    for line in tagged[0].source.splitlines():
        assert re.fullmatch(r"[a-z_]+: (str|int|float|bool|list|dict) = .+  # .{4,}", line), line
        ast.literal_eval(ast.parse(line).body[0].value)
    assert {"data", "as_of"} <= {line.split(":")[0] for line in tagged[0].source.splitlines()}


@pages
def test_parameters_are_checked_before_anything_is_done(path):
    """A wrong word stops in the third step, under the notebook's own name, not after ten minutes."""
    assert f'open_page("{path.stem}", globals())' in code(path)[1].source
    assert not any("page.load(" in cell.source for cell in code(path)[:2])


@every
def test_every_paragraph_has_its_translation(path):
    """Each Markdown cell has its Vietnamese words, of what it says now, with the same headings; no translation is left over."""
    cells = [(cell["id"], cell.source) for cell in prose(path)]
    assert find_stale(path.stem, cells, "vi") == [], f"bring locale/vi/{path.stem}.md in step"
    known = read_prose(place_of(path.stem, "vi"))
    assert list(known) == [cell for cell, _ in cells]
    for cell, words in cells:
        heads = [
            [line.split(" ")[0] for line in text.splitlines() if line.startswith("#")]
            for text in (words, known[cell][1])
        ]
        assert heads[0] == heads[1] and LETTERS.search(known[cell][1]), words[:60]


@every
def test_steps_are_short_and_hold_no_logic(path):
    """What is defined or looped over belongs in the package, where it is tested; a step can be read at a glance."""
    for cell in code(path):
        tree = ast.parse(cell.source)
        assert not [node for node in ast.walk(tree) if isinstance(node, STATEMENTS)], cell.source[:60]
        assert len([line for line in cell.source.splitlines() if line.strip()]) <= 15, cell.source[:60]


@every
def test_nothing_is_kept_from_a_run(path):
    """Outputs may show people, and counts of execution make noise: neither is stored."""
    for cell in code(path):
        assert not cell.outputs and cell.execution_count is None


@every
def test_no_result_is_typed_into_prose(path):
    """A number that a run gives is rendered from rows: typed, it would stay when the data change."""
    for cell in prose(path):
        assert not re.search(r"\d+[.,]\d+|\d\s*%", cell.source), cell.source[:80]


@every
def test_figures_are_announced_and_read(path):
    """Words stand before a figure, to say what comes, and after it, to say what it means and what it does not."""
    cells = read(path)
    for place, cell in enumerate(cells):
        if cell.cell_type == "code" and figures(cell):
            after = next(one for one in cells[place + 1 :] if one.source.strip())
            assert cells[place - 1].cell_type == "markdown" and after.cell_type == "markdown", cell.source[:60]
            assert not after.source.startswith("#"), "a reading follows, not the next step"


@every
def test_it_is_not_too_long(path):
    """Up to fifty steps."""
    assert len(read(path)) <= 50


@every
def test_prose_is_english(path):
    """No Vietnamese letter outside names and quotations: the other language has a file of its own."""
    for cell in prose(path):
        text = QUOTED.sub("", cell.source)
        for name in NAMES:
            text = text.replace(name, "")
        assert not LETTERS.search(text), text


@pages
def test_it_ends_through_the_gate(path):
    """The last step writes the record; limits and an answer were released before."""
    sources = [cell.source for cell in code(path)]
    assert "page.close(" in sources[-1] and sum("page.close(" in source for source in sources) == 1
    assert [view for cell in code(path) for view in shown(cell) if view.role == "answer"]
    assert "limits" in tags(prose(path)[-1])


def test_one_notebook_is_for_who_explores():
    """A researcher starts with a notebook that is no page: it shows what a result is, and how to draw a figure of one's own."""
    assert [path.stem for path in PATHS if path not in PAGES] == ["01_explore"]
    sources = "".join(cell.source for cell in code(PATHS[1]))
    assert all(call in sources for call in ("sns.", "views.plot(", ".to_frame()", "combine(", ".pick("))


@every
def test_prose_leads_to_pages_of_the_plan(path):
    """A link to a page that no run makes would silently be no link, in either language."""
    slugs = {job.slug for job in list_jobs()}
    said = [(cell.source, read_prose(place_of(path.stem, "vi"))[cell["id"]][1]) for cell in prose(path)]
    for words, translated in said:
        named = [sorted(re.findall(r"\]\(page:([^)]+)\)", text)) for text in (words, translated)]
        assert named[0] == named[1] and {*named[0]} <= slugs


@pytest.mark.parametrize("name", ["20_promotion_effect", "25_effect_checks"])
def test_the_horizon_is_that_of_the_rule(name):
    """What a page asks for when nobody says otherwise is what verdict.yml was set for; no horizon too short is taken."""
    rule = verdict_rule().horizon
    path = next(path for path in PATHS if path.stem == name)
    parameters = next(cell for cell in read(path) if "parameters" in tags(cell))
    least = read_plan()["parameters"]["horizon"]["least"]
    assert f"horizon: int = {rule} " in parameters.source
    assert EARLY < least <= rule
