"""One word for one thing: the glossary, the labels of the pages, and all that a reader sees."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest

from analysis import project
from analysis.publishing.pages.glossary import write_glossary
from analysis.words import translations

ROOT = project.root()
TERMS = project.reference("glossary.yml")
LABELS = {**project.reference("words.yml"), **project.reference("labels.yml")}
SENTENCES = {"checks"}  # listings whose labels are sentences about a code, not words for it
DOCUMENTS = ("README.md", "METHODS.md", "LIMITATIONS.md")


def prose(notebook: Path, lang: str) -> str:
    """Markdown of a notebook, without the cells that are tagged with the other language."""
    other = {"en": "vi", "vi": "en"}[lang]
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    kept = (cell for cell in cells if other not in cell["metadata"].get("tags", []))
    return "\n".join("".join(cell["source"]) for cell in kept if cell["cell_type"] == "markdown")


def said(lang: str) -> dict[str, str]:
    """Everything that a reader sees in a language, by the place where it is written."""
    messages = translations("vi")
    places = {
        "words.yml, labels.yml": "\n".join(
            word[lang] for listing in LABELS.values() for word in listing.values() if isinstance(word, dict)
        ),
        "vi.po": "\n".join(messages if lang == "en" else messages.values()),
    }
    if lang == "en":
        places |= {f"notebooks/{path.name}": prose(path, lang) for path in (ROOT / "notebooks").glob("*.ipynb")}
        places |= {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
    else:
        places |= {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "locale/vi").glob("*.md")}
    return {place: " ".join(unicodedata.normalize("NFC", text).split()) for place, text in places.items()}


def sentences(text: str) -> int:
    """Number of sentences in a text, which has to end one."""
    assert text.endswith("."), text
    return len(re.findall(r"\.(?=\s|$)", text))


def uses(text: str, words: str) -> bool:
    """Whether a text has these words, whole and in whatever case."""
    whole = rf"(?<!\w){re.escape(unicodedata.normalize('NFC', words))}(?!\w)"
    return re.search(whole, text, re.IGNORECASE) is not None


def test_the_glossary_is_in_step_with_its_data():
    """Protects: GLOSSARY.md is what glossary.yml gives; `python -m` of its module writes it again."""
    assert (ROOT / "GLOSSARY.md").read_text(encoding="utf-8") == write_glossary()


@pytest.mark.parametrize("key", TERMS)
def test_a_term_is_defined_in_both_languages(key):
    """Protects: no term without its word and one or two sentences in each language, and no field that nobody reads."""
    term = TERMS[key]
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", key)
    assert set(term) <= {"en", "vi", "definition", "avoid", "source"} and set(term["definition"]) == {"en", "vi"}
    assert all(term[lang] and sentences(term["definition"][lang]) <= 2 for lang in ("en", "vi"))
    assert all("|" not in text for text in (term["en"], term["vi"], *term["definition"].values()))


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_no_two_terms_share_a_word(lang):
    """Protects: a word means one thing; two terms of the same form could not be told apart on a page."""
    words = [term[lang].casefold() for term in TERMS.values()]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("key", "listing"),
    [(key, name) for key in TERMS for name, codes in LABELS.items() if key in codes and name not in SENTENCES],
)
def test_labels_use_the_words_of_the_glossary(key, listing):
    """Protects: where a term is also a code, figures and tables call it what the glossary calls it."""
    for lang in ("en", "vi"):
        assert TERMS[key][lang].casefold() in LABELS[listing][key][lang].casefold()


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_avoided_words_are_nowhere_read(lang):
    """Protects: no label, message, paragraph or document calls a thing by a name that the glossary rules out."""
    avoided = [(key, word) for key, term in TERMS.items() for word in term.get("avoid", {}).get(lang, [])]
    faults = [
        f"{place}: {word!r}, say {TERMS[key][lang]!r}"
        for place, text in said(lang).items()
        for key, word in avoided
        if uses(text, word)
    ]
    assert not faults, "\n".join(faults)


def test_an_avoided_word_is_found():
    """Protects: the search itself, which sees a word in another case or beside a mark, and no part of a word."""
    assert uses("Tại ngày này, Qui hoạch.", "qui hoạch") and uses("(E value)", "E value")
    assert uses("tăng 2,0 điểm %.", "điểm %")
    assert not uses("prediction", "diction") and not uses("giá trị E-valued", "E-value")


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_the_glossary_keeps_its_own_rule(lang):
    """Protects: a definition never uses a word that the glossary rules out, nor is a term both used and ruled out."""
    texts = [text for term in TERMS.values() for text in (term[lang], term["definition"][lang])]
    avoided = [word for term in TERMS.values() for word in term.get("avoid", {}).get(lang, [])]
    assert not [word for word in avoided if any(uses(unicodedata.normalize("NFC", text), word) for text in texts)]
