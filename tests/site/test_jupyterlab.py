"""Notebooks run as a reader runs them in JupyterLab, and export from there as the pages of the site."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from test_notebooks import PATHS, code, figures

from analysis import project
from analysis.publishing.gate.payload import MIME


@pytest.fixture
def alone(thin, monkeypatch):
    """No batch around the notebook: it finds the runs that it reads where a report left them."""
    for name in ("ANALYSIS_RUN", "ANALYSIS_TOKEN", "ANALYSIS_ROOT", "ANALYSIS_LANG"):
        monkeypatch.delenv(name, raising=False)
    runs = {folder.name: str(folder) for folder in (thin.out / "runs").iterdir()}
    monkeypatch.setenv("ANALYSIS_READS", json.dumps(runs))
    return thin


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom_and_shows_its_figures(path, alone):
    """Opened in the folder notebooks/ and run without the batch: no error, nothing on stderr, and its figures appear."""
    notebook = nbformat.read(path, as_version=4)
    parameters = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
    parameters.source += f"\ndata = {str(alone.province)!r}\ndraws = 100"
    NotebookClient(
        notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    drawn = [output for output in outputs if "image/svg+xml" in output.get("data", {}) and MIME in output["data"]]
    assert len(drawn) == sum(map(figures, code(path)))
    assert drawn or [output for output in outputs if "image/png" in output.get("data", {})]


def test_nbconvert_gives_the_page_of_an_executed_notebook(built, tmp_path):
    """`jupyter nbconvert --to page` on what a run left gives the same argument as the site, in the language asked for."""
    executed = built.out / "runs/registry/executed.ipynb"
    jupyter = str(Path(sys.executable).with_name("jupyter"))
    command = [jupyter, "nbconvert", "--to", "page", "--PageExporter.lang=vi", "--output-dir", tmp_path, executed]
    done = subprocess.run(command, cwd=project.root(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (page,) = tmp_path.glob("*.html")
    made, site = page.read_text(encoding="utf-8"), (built.out / "site/vi/registry.html").read_text(encoding="utf-8")
    made = made.replace('download="page_', 'download="registry_')  # without a site, a page is called page

    def argument(html: str) -> str:
        article = html.split("<article>")[1].split("</article>")[0]
        return re.sub(r'<a href="[\w-]+\.html">(.*?)</a>', r"\1", article)  # without a site there is nowhere to lead to

    assert argument(made) == argument(site)
