"""Notebooks keep the anatomy of the house, and run as a reader runs them in JupyterLab."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest
from nbclient import NotebookClient

from analysis import project, synthetic
from analysis.publishing.gate.payload import MIME

PATHS = sorted((project.root() / "notebooks").glob("*.ipynb"))
LETTERS = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|`[^`]*`")
NAMES = ("Sóc Trăng", "Đề án", "02-ĐA/TU")
FIGURES = ("gate.figure(", "gate.columns(", "gate.published_figure(")
STATEMENTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)

pytestmark = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4).cells


def tags(cell):
    return set(cell.metadata.get("tags", []))


def code(path):
    return [cell for cell in read(path) if cell.cell_type == "code"]


def prose(path):
    return [cell for cell in read(path) if cell.cell_type == "markdown"]


def test_it_opens_with_its_question(path):
    """The first thing a reader sees is one title in each language, then the parameters."""
    cells = read(path)
    assert [tags(cell) & {"vi", "en"} for cell in cells[:2]] == [{"vi"}, {"en"}]
    for lang in ("vi", "en"):
        titles = [
            cell.source for cell in prose(path) if lang in tags(cell) and re.search(r"^# ", cell.source, re.MULTILINE)
        ]
        assert titles == [cells[lang == "en"].source]
        assert len(titles[0].splitlines()) >= 3, "title, question, estimand"


def test_parameters_are_the_first_code_and_literals(path):
    """papermill and the plan replace these values, so the cell holds nothing that must be computed, each line explained."""
    tagged = [cell for cell in code(path) if "parameters" in tags(cell)]
    assert tagged == code(path)[:1] and read(path)[2] == tagged[0]
    for line in tagged[0].source.splitlines():
        assert re.fullmatch(r"[a-z_]+: (str|int|float|bool|list|dict) = .+  # .{4,}", line), line
        ast.literal_eval(ast.parse(line).body[0].value)
    assert {"data", "as_of", "lang"} <= {line.split(":")[0] for line in tagged[0].source.splitlines()}


def test_parameters_are_checked_before_anything_is_done(path):
    """A wrong word stops in the third step, under the notebook's own name, not after ten minutes."""
    assert f'check_parameters("{path.stem}", globals())' in code(path)[1].source
    assert not any("registry.load(" in cell.source for cell in code(path)[:2])


def test_prose_comes_in_twos(path):
    """Every paragraph exists in both languages, Vietnamese first, with the same headings and the same place on the page."""
    cells = read(path)
    for place, cell in enumerate(cells):
        if cell.cell_type != "markdown":
            continue
        lang, other = ("vi", cells[place + 1]) if "vi" in tags(cell) else ("en", cells[place - 1])
        assert tags(cell) ^ tags(other) == {"vi", "en"} and lang in tags(cell), cell.source[:60]
        assert other.cell_type == "markdown"
        heads = [
            [line.split(" ")[0] for line in one.source.splitlines() if line.startswith("#")] for one in (cell, other)
        ]
        assert heads[0] == heads[1], cell.source[:60]


def test_steps_are_short_and_hold_no_logic(path):
    """What is defined or looped over belongs in the package, where it is tested; a step can be read at a glance."""
    for cell in code(path):
        tree = ast.parse(cell.source)
        assert not [node for node in ast.walk(tree) if isinstance(node, STATEMENTS)], cell.source[:60]
        assert len([line for line in cell.source.splitlines() if line.strip()]) <= 15, cell.source[:60]


def test_nothing_is_kept_from_a_run(path):
    """Outputs may show people, and counts of execution make noise: neither is stored."""
    for cell in code(path):
        assert not cell.outputs and cell.execution_count is None


def test_no_result_is_typed_into_prose(path):
    """A number that a run gives is rendered from rows: typed, it would stay when the data change."""
    for cell in prose(path):
        assert not re.search(r"\d+[.,]\d+|\d\s*%", cell.source), cell.source[:80]


def test_figures_are_announced_and_read(path):
    """Words stand before a figure, to say what comes, and after it, to say what it means and what it does not."""
    cells = read(path)
    for place, cell in enumerate(cells):
        if any(call in cell.source for call in FIGURES):
            after = next(one for one in cells[place + 1 :] if one.source.strip())
            assert cells[place - 1].cell_type == "markdown" and after.cell_type == "markdown", cell.source[:60]
            assert not after.source.startswith("#"), "a reading follows, not the next step"


def test_it_is_not_too_long(path):
    """Up to fifty steps, a paragraph and its twin counted as one."""
    assert len(code(path)) + len(prose(path)) / 2 <= 50


def test_english_prose_is_english(path):
    """No Vietnamese letter in an English paragraph outside names and quotations, and no English word list in Vietnamese."""
    for cell in prose(path):
        if "en" in tags(cell):
            text = QUOTED.sub("", cell.source)
            for name in NAMES:
                text = text.replace(name, "")
            assert not LETTERS.search(text), text
        else:
            assert LETTERS.search(cell.source), cell.source


def test_it_ends_through_the_gate(path):
    """The last step writes the receipt; limits and an answer were released before."""
    sources = [cell.source for cell in code(path)]
    assert "gate.finish(" in sources[-1] and sum("gate.finish(" in source for source in sources) == 1
    assert any("gate.answer(" in source for source in sources) and any('role="limits"' in source for source in sources)


@pytest.fixture(scope="module")
def province():
    """The synthetic province that the default parameters name; made where it is missing, never replaced."""
    folder = project.root() / "data/synthetic"
    if not (folder / "registry.yml").is_file():
        synthetic.write(synthetic.simulate(24_000, 20210910), folder)
    return folder


def test_it_runs_in_jupyterlab(path, province, monkeypatch):
    """Opened in the folder notebooks/ and run from top to bottom, without the batch: no error, and its figures appear."""
    for name in ("ANALYSIS_RUN", "ANALYSIS_TOKEN", "ANALYSIS_ROOT", "ANALYSIS_LANG"):
        monkeypatch.delenv(name, raising=False)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    wanted = sum(cell.source.count(call) for cell in code(path) for call in FIGURES)
    drawn = [output for output in outputs if "image/svg+xml" in output.get("data", {}) and MIME in output["data"]]
    assert len(drawn) == wanted >= 1
