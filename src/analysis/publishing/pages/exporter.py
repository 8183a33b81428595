"""The page as an nbconvert exporter: `jupyter nbconvert --to page`, JupyterLab's "Export as" and the batch agree."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.preprocessors import Preprocessor, TagRemovePreprocessor
from nbformat import NotebookNode
from traitlets import Unicode
from traitlets.config import Config

from analysis.publishing.pages.page import Place, build_page, find_record
from analysis.publishing.pages.prose import SOURCE, check_prose
from analysis.words import LANGUAGES, speaking, user_language

EXPLORING = "explore"  # prose and code for those who work in the notebook; a page leaves them out


class TranslatedProse(Preprocessor):
    """Puts the prose of a notebook into the exporter's language; runs before any cell is removed."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Translate the Markdown cells by their ids."""
        prose = [cell for cell in nb.cells if cell.cell_type == "markdown"]
        if resources["lang"] != SOURCE:
            known = check_prose(
                find_record(nb)["notebook"], [(cell["id"], cell.source) for cell in prose], resources["lang"]
            )
            for cell in prose:
                cell.source = known[cell["id"]][1]
        return nb, resources


class ChosenCells(Preprocessor):
    """Leaves out the cells tagged `not-VALUE` where a parameter of the run has that value."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Keep the cells that are meant for these parameters."""
        out = {f"not-{value}" for value in find_record(nb)["parameters"].values()}
        nb.cells = [cell for cell in nb.cells if not out & set(cell.metadata.get("tags", ()))]
        return nb, resources


class PageExporter(Exporter):
    """Makes one page of an executed notebook: its prose, its code, and what the gate released."""

    export_from_notebook = "Published page"
    output_mimetype = "text/html"
    lang = Unicode(help="language of the page: vi or en (default: the user's)").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".html"

    @property
    def default_config(self) -> Config:
        """Leave out the cells tagged `explore`, and those that are not for the run's parameters."""
        tags = {"enabled": True, "remove_cell_tags": {EXPLORING}}
        return Config(
            {
                "TagRemovePreprocessor": tags,
                "PageExporter": {"preprocessors": [TranslatedProse, ChosenCells, TagRemovePreprocessor]},
            }
        )

    def from_notebook_node(  # type: ignore[override]  # the base says NotebookNode and gives text
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, dict]:
        """Give the page as HTML.

        `resources["place"]` may say where it stands on a site; `resources["answer"]` gets its answer.
        """
        lang = self.lang if self.lang in LANGUAGES else user_language()
        node, resources = super().from_notebook_node(nb, {**(resources or {}), "lang": lang}, **kw)
        with speaking(lang):
            page, resources["answer"] = build_page(node, resources.get("place") or Place())
        return page, resources
