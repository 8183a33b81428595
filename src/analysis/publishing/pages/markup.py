"""Markup that is safe to publish: Markdown and tables through an allow-list, drawings that are inert."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from html import escape, unescape
from typing import Any
from urllib.parse import quote

import mistune
import nh3
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from analysis.errors import PublishingError
from analysis.words import say

INLINE = "a abbr b br code del dfn em i img kbd q s small span strong sub sup u var"
BLOCK = "blockquote details div dd dl dt h3 h4 hr li ol p pre summary ul"
TABLE = "caption col colgroup table tbody td tfoot th thead tr"
TAGS = {tag for kind in (INLINE, BLOCK, TABLE) for tag in kind.split()}
ATTRIBUTES = {
    "*": {"class", "lang", "title"},
    "a": {"href"},
    "abbr": {"title"},
    "h3": {"id"},
    "h4": {"id"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "table": {"aria-label", "aria-describedby"},
    "td": {"colspan", "rowspan"},
    "th": {"scope", "colspan", "rowspan", "abbr"},
}
PLUGINS = ["table", "strikethrough", "def_list"]
PARSE: Any = mistune.create_markdown(renderer="ast", plugins=PLUGINS)
WRITER = mistune.HTMLRenderer(escape=False, allow_harmful_protocols=["page:"])  # `clean` decides what stays
RENDER: Any = mistune.create_markdown(renderer=WRITER, plugins=PLUGINS)
OTHERS = r'((?: [\w-]+="[^"]*")*)'
PAGE = re.compile(rf'<a{OTHERS} href="page:([a-z0-9_-]+)"{OTHERS}>(.*?)</a>', re.DOTALL)
LOCAL = re.compile(r"page:[a-z0-9_-]+|#[\w.-]+|(?:\.\./)*[\w-]+(?:/[\w-]+)*\.html(?:#[\w.-]+)?")
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+")
TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")
MARKS = "ăđĩũơưạ-ỹ"  # of Vietnamese only: other languages have á, é or ó too
NAME = re.compile(rf"(?:[\w/-]*[à-ý][\w/-]* )*[\w/-]*[{MARKS}][\w/-]*(?: [\w/-]*[à-ý{MARKS}][\w/-]*)*", re.IGNORECASE)
SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def clean(html: str) -> str:
    """Keep of an HTML fragment only what the allow-list names."""
    safe = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_keep_attribute,
        generic_attribute_prefixes={"data-"},
        url_schemes={"data", "page"},
        link_rel=None,
    )
    return re.sub(r"<img(?![^>]*\ssrc=)[^>]*>", "", safe)


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    """Links lead only into the site, images are only data."""
    if (tag, attribute) == ("a", "href"):
        return value if LOCAL.fullmatch(value) else None
    if (tag, attribute) == ("img", "src"):
        return value if PICTURE.fullmatch(value) else None
    return value


def plain(html: str) -> str:
    """The words of an HTML fragment, without its marks; what stands on lines of its own is kept apart."""
    apart = re.sub(r"<br>|</(?:p|li|h\d|td|th)>", " ", html)
    return " ".join(unescape(nh3.clean(apart, tags=set())).split())


def link_pages(html: str, pages: Mapping[str, str], here: str = "") -> str:
    """Lead `page:SLUG` to that page of the site; where it does not stand, leave the link's words.

    A link without words gets the page's title, or is said to lead to none. `pages` has the titles of the pages that
    stand, by slug.
    """

    def lead(found: re.Match) -> str:
        before, slug, after, words = found.groups()
        words = words.strip() and words or escape(pages.get(slug) or say("a page that has not been made"))
        return f'<a{before} href="{here}{slug}.html"{after}>{words}</a>' if slug in pages else words

    return PAGE.sub(lead, html)


def mark_names(page: str) -> str:
    """Say of Vietnamese names in a page of another language that they are Vietnamese."""
    if '<html lang="vi">' in page:
        return page
    head, body = page.split("<body>", 1)
    return f"{head}<body>" + TEXT.sub(lambda text: NAME.sub(r'<span lang="vi">\g<0></span>', text[0]), body)


def slugify(text: str, taken: set[str]) -> str:
    """An ASCII anchor for a heading, not in `taken` (which it joins): 'Đào tạo' -> 'dao-tao'."""
    folded = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    stem = re.sub(r"[^a-z0-9]+", "-", folded.encode("ascii", "ignore").decode().lower()).strip("-")[:60].strip("-")
    stem = stem or "section"
    slug = next(s for s in (stem, *(f"{stem}-{n}" for n in range(2, 1000))) if s not in taken)
    taken.add(slug)
    return slug


def split_markdown(source: str) -> list[tuple[int, str]]:
    """Markdown -> (level, html) in order: level 1 or 2 for such a heading, 0 for the prose between."""
    parts: list[tuple[int, str]] = []
    prose: list[dict] = []

    def close() -> None:
        html = clean(_render(prose)).strip()
        prose.clear()
        if html:
            parts.append((0, html))

    for token in PARSE(source):
        level = token["attrs"]["level"] if token["type"] == "heading" else 0
        if level in (1, 2):
            close()
            parts.append((level, clean(_render(token["children"])).strip()))
        else:
            prose.append(token)
    close()
    return parts


def _render(tokens: list[dict]) -> str:
    return RENDER.renderer(tokens, mistune.BlockState())


def highlight_code(source: str) -> str:
    """Python source as spans with classes, which the page's style colours."""
    return highlight(source, PythonLexer(stripnl=True), HtmlFormatter(nowrap=True)).rstrip("\n")


def check_svg(text: str, name: str) -> str:
    """Give back a drawing that is well-formed, without script or reach outside itself; else raises PublishingError."""
    try:
        root = ElementTree.fromstring(text) if "<!ENTITY" not in text else None
    except ElementTree.ParseError:
        root = None
    if root is None or root.tag != f"{{{SVG}}}svg":
        raise PublishingError("Figure '{name}': its image is not a well-formed SVG.", name=name)
    if not all(_is_inert(element) for element in root.iter()):
        raise PublishingError("Figure '{name}': its SVG holds a script or a link to something outside.", name=name)
    return text


def _is_inert(element: ElementTree.Element) -> bool:
    """No script, no foreign content, no handler, no link but to the drawing itself or to an embedded bitmap."""
    if element.tag.rpartition("}")[2].lower() in ("script", "style", "foreignobject", "iframe", "a"):
        return False
    texts = [element.text or "", *element.attrib.values()]
    links = [link for text in texts for link in re.findall(r"url\(\s*['\"]?([^)]*)", text, flags=re.I)]
    for key, value in element.attrib.items():
        bare = key.rpartition("}")[2].lower()
        if bare.startswith("on"):
            return False
        if bare in ("href", "src"):
            links.append(value)
    reached = all(link.strip().startswith(("#", "data:image/png", "data:image/jpeg")) for link in links)
    return reached and not any("@import" in text.lower() for text in texts)


def embed_csv(text: str) -> str:
    """A table as a data URI that spreadsheet programs open with Vietnamese letters intact."""
    return "data:text/csv;charset=utf-8," + quote(
        "\ufeff" + text.removeprefix("\ufeff"), safe=",:/[]()"
    )  # commas are most of it
