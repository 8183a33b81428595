"""The prose of notebooks in other languages: `locale/<lang>/<notebook>.md`, a paragraph a cell tied to its original."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis import project
from analysis.errors import PublishingError

SOURCE = "en"  # notebooks are written in it
MARK = re.compile(r"^<!-- (\S+) ([0-9a-f]{8}) -->\n", re.MULTILINE)


def stamp(source: str) -> str:
    """Give the first digits of the hash of a paragraph: its translation names the words that it translates."""
    return hashlib.sha256(source.strip().encode()).hexdigest()[:8]


def place_of(notebook: str, lang: str) -> Path:
    """Give the file of a notebook's prose in a language."""
    return project.root() / "locale" / lang / f"{notebook}.md"


@functools.cache
def read_prose(path: Path) -> Mapping[str, tuple[str, str]]:
    """Read the translations of a notebook: {cell id: (stamp of the original, words)}; none where there is no file."""
    if not path.is_file():
        return {}
    _, *parts = MARK.split(path.read_text(encoding="utf-8"))
    return {cell: (mark, words.strip()) for cell, mark, words in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}


def write_prose(path: Path, cells: Iterable[tuple[str, str, str]]) -> None:
    """Write translations: (cell id, original, words) in the order of the notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [f"<!-- {cell} {stamp(original)} -->\n{words.strip()}\n" for cell, original, words in cells]
    path.write_text("\n".join(parts), encoding="utf-8")


def find_stale(notebook: str, cells: Iterable[tuple[str, str]], lang: str) -> list[str]:
    """List the cells (id, words) of a notebook that have no translation, or one of other words than they hold now."""
    known = read_prose(place_of(notebook, lang))
    return [cell for cell, words in cells if known.get(cell, ("",))[0] != stamp(words)]


def check_prose(notebook: str, cells: Iterable[tuple[str, str]], lang: str) -> Mapping[str, tuple[str, str]]:
    """Give the translations of a notebook's cells (id, words); raises PublishingError naming those not in step."""
    stale = find_stale(notebook, cells, lang)
    if stale:
        raise PublishingError(
            "{notebook}: the cells {cells} have no translation of their present words. Bring "
            "locale/{lang}/{notebook}.md in step.",
            notebook=notebook,
            cells=", ".join(stale),
            lang=lang,
        )
    return read_prose(place_of(notebook, lang))


def write_copy(lang: str, folder: Path) -> Path:
    """Write all notebooks with their prose in `lang` into `folder`; code cells stay the same."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((project.root() / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        prose = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
        known = check_prose(path.stem, [(cell["id"], "".join(cell["source"])) for cell in prose], lang)
        for cell in prose:
            cell["source"] = known[cell["id"]][1].splitlines(keepends=True)
        (folder / path.name).write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return folder
