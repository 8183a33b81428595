"""A manifest of pages becomes the home pages of the site, in both languages."""

from __future__ import annotations

import os
import posixpath
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analysis.errors import PublishingError
from analysis.publishing.gate.payload import STATUSES
from analysis.publishing.pages.page import SITE_TITLE, render, say_date, say_value
from analysis.text import LANGUAGES, Text

HOMES = {"vi": "index.html", "en": "en/index.html"}
INTRO = Text(
    en="Does training lead to promotion, and are the training targets met? Each page asks one question and "
    "answers it first.",
    vi="Đào tạo có đưa tới thăng tiến không, và các chỉ tiêu đào tạo có đạt không? Mỗi trang hỏi một câu và trả lời "
    "ngay ở đầu.",
)
MANY = 12
PLACE = re.compile(r"[\w-]+(?:/[\w-]+)*\.html")


def build_site(entries: list[dict], out: Path, *, site: dict) -> list[Path]:
    """Write the home page of each language into `out`; give back what was written.

    An entry is one page in one language. Where `failed`, the page of an earlier run may still stand: it is then
    `stale` and keeps its card, with a label. `site` has `title` and `intro`, each with `vi` and `en`.
    """
    for entry in entries:
        check_entry(entry)
    return [
        write_text(Path(out) / place, build_home([e for e in entries if e["lang"] == lang], lang=lang, site=site))
        for lang, place in HOMES.items()
    ]


def build_home(entries: list[dict], *, lang: str, site: dict) -> str:
    """Render the home page of one language."""
    entries = sorted(entries, key=lambda entry: (entry.get("order") or 0, entry["slug"]))
    shown = [entry for entry in entries if has_page(entry)]
    home = HOMES[lang]
    other = "en" if lang == "vi" else "vi"
    dates = sorted({str(entry["as_of"])[:10] for entry in shown if entry.get("as_of")})
    return render(
        "index.html.j2",
        lang,
        site_title=in_language(site.get("title"), lang) or SITE_TITLE.say(lang),
        intro=in_language(site.get("intro"), lang) or INTRO.say(lang),
        other_href=link(HOMES[other], home),
        groups=group_entries(shown, lang),
        failures=[entry for entry in entries if entry.get("failed") or not has_page(entry)],
        as_of=" – ".join(say_date(day, lang) for day in dict.fromkeys([*dates[:1], *dates[-1:]])),
        pages=shown,
        settings=describe_settings(shown),
        many=MANY,
        synthetic=any(entry.get("synthetic") for entry in entries),
        href=lambda entry: link(entry["html_path"], home),
    )


def has_page(entry: dict) -> bool:
    """A page stands if its run went well, or if the page of an earlier run was kept."""
    return bool(entry.get("html_path")) and (not entry.get("failed") or bool(entry.get("stale")))


def describe_settings(entries: list[dict]) -> list[str]:
    """What sets each page apart: the parameters that are not the same on all of them."""
    given = [entry.get("parameters") or {} for entry in entries]
    names = dict.fromkeys(name for parameters in given for name in parameters)
    apart = [name for name in names if len({say_value(parameters.get(name)) for parameters in given}) > 1]
    return [
        "; ".join(f"{name} = {say_value(parameters[name])}" for name in apart if name in parameters)
        for parameters in given
    ]


def check_entry(entry: dict) -> None:
    """Refuse an entry whose language, status or place the site cannot show."""
    faults = []
    if entry.get("lang") not in LANGUAGES:
        faults.append(("its language is not vi or en", "ngôn ngữ không phải vi hoặc en"))
    if entry.get("status") and entry["status"] not in STATUSES:
        faults.append((f"unknown status '{entry['status']}'", f"trạng thái lạ '{entry['status']}'"))
    if entry.get("html_path") and not PLACE.fullmatch(str(entry["html_path"])):
        faults.append(("its page lies outside the site", "trang nằm ngoài thư mục của site"))
    for en, vi in faults:
        raise PublishingError(en=f"Page '{entry.get('slug')}': {en}.", vi=f"Trang '{entry.get('slug')}': {vi}.")


def group_entries(entries: Iterable[dict], lang: str) -> list[tuple[str, list[dict]]]:
    """Cards under their headings, both in the order of the plan."""
    groups: dict[str, list[dict]] = {}
    for entry in entries:
        groups.setdefault(in_language(entry.get("group"), lang), []).append(entry)
    return list(groups.items())


def in_language(words: Any, lang: str) -> str:
    """Words given as they are, or as `{"vi", "en"}`."""
    if isinstance(words, dict):
        return words.get(lang) or ""
    if isinstance(words, Text):
        return words.say(lang)
    return words or ""


def link(place: str, home: str) -> str:
    """The way from one page of the site to another, both given from the site's root."""
    return posixpath.relpath(place, posixpath.dirname(home) or ".")


def write_text(path: Path, text: str) -> Path:
    """Write a file whole or not at all: a reader never sees half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path
