"""Every message of the package, found in its source, and `python -m analysis.translate` to keep `locale/` in step."""

from __future__ import annotations

import inspect
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from analysis import errors
from analysis.words import FOLDER, translations

HOME = Path(__file__).parent
ERRORS = [name for name, one in vars(errors).items() if inspect.isclass(one) and issubclass(one, errors.AnalysisError)]
CALLS = {name: (1,) for name in ("Message", "say", "tell", "t", "error", "stop", "Blocked", *ERRORS)}
CALLS |= {"_text": (2,), "_date": (2,), "_code": (3,), "_flag": (2,), "_whole": (3,)}  # columns of the contract
READERS = [("**.py", "python"), ("**.j2", "jinja2")]
HEADER = """\
# Messages of the project by their English template. `make messages` keeps them in step with the code.
msgid ""
msgstr ""
"Language: {lang}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def find_messages() -> set[str]:
    """Find the English templates in the source of the package: what stands first in a call that says something."""
    return {str(text) for _, _, text, *_ in extract_from_dir(HOME, READERS, keywords=CALLS)}


def bring_in_step(lang: str) -> None:
    """Write the messages of a language anew: sorted, translations kept, new ones empty, those said no more left out."""
    known, catalog, body = translations(lang), Catalog(locale=lang), BytesIO()
    for text in find_messages():
        catalog.add(text, known.get(text, ""))
    write_po(body, catalog, sort_output=True, omit_header=True, width=110)
    (FOLDER / f"{lang}.po").write_bytes(HEADER.format(lang=lang).encode() + body.getvalue())


if __name__ == "__main__":
    bring_in_step("vi")
