"""What every published site must keep, checked on its files; `python tests/site_checks.py FOLDER` does it by hand."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

REMOTE = re.compile(r"""(?:src|href|srcset|action|data)\s*=\s*["']\s*(?:https?:)?//""", re.IGNORECASE)
MACHINE = re.compile(r"(?:/home/|/Users/|/tmp/|[A-Z]:\\)|" + re.escape(str(Path(__file__).resolve().parents[2])))
PERSON = re.compile(r"\bS\d{6,}\b")  # the identifiers of synthetic people


class Outline(HTMLParser):
    """The parts of a page that the checks ask for."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict]:
        return [attrs for name, attrs in self.found if name == tag]


def page_faults(page: Path) -> list[str]:
    """List what is wrong with one page; empty where all is well."""
    text = page.read_text(encoding="utf-8")
    outline = Outline(text)
    lang = "en" if "en" in page.parts[-2:] else "vi"
    faults = []
    if outline.all("html")[0].get("lang") != lang:
        faults.append("lang attribute")
    if outline.all("script"):
        faults.append("a script")
    if REMOTE.search(text):
        faults.append("a remote address")
    if MACHINE.search(text):
        faults.append("a path of a machine")
    if len(outline.all("h1")) != 1:
        faults.append(f"{len(outline.all('h1'))} h1")
    if not any("Content-Security-Policy" in attrs.get("http-equiv", "") for attrs in outline.all("meta")):
        faults.append("no content security policy")
    drawn = [attrs for _, attrs in outline.found if attrs.get("role") == "img"]
    if outline.all("img") or any(not attrs.get("aria-label", "").strip() for attrs in drawn):
        faults.append("an image without words")
    if not re.search("Số liệu mô phỏng|Synthetic data", text):
        faults.append("no synthetic ribbon")
    if PERSON.search(text):
        faults.append("an identifier of a person")
    faults += [f"broken link {href}" for href in local_links(outline) if not (page.parent / href).resolve().is_file()]
    anchors = {attrs["id"] for _, attrs in outline.found if attrs.get("id")}
    faults += [
        f"broken anchor {a['href']}"
        for a in outline.all("a")
        if a.get("href", "").startswith("#") and a["href"][1:] not in anchors
    ]
    return faults


def local_links(outline: Outline) -> list[str]:
    hrefs = [attrs.get("href", "") for attrs in outline.all("a")]
    return [href.split("#")[0] for href in hrefs if href and not href.startswith(("#", "data:", "mailto:"))]


def site_faults(site: Path) -> dict[str, list[str]]:
    """Check a whole site: the home pages, every page, and that each page stands in both languages."""
    pages = sorted(site.rglob("*.html"))
    faults = {str(page.relative_to(site)): page_faults(page) for page in pages}
    twins = {lang: {page.name for page in (site / lang).glob("*.html")} - {"index.html"} for lang in ("vi", "en")}
    if not (site / "index.html").is_file() or not (site / "en/index.html").is_file():
        faults["site"] = ["a home page is missing"]
    if twins["vi"] != twins["en"] or not twins["vi"]:
        faults["languages"] = [f"pages differ: {sorted(twins['vi'] ^ twins['en'])}"]
    return {page: found for page, found in faults.items() if found}


def network_requests(site: Path, executable: str) -> list[str]:
    """Open every page in a browser and list requests for anything but the site's own files."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        for page in sorted(site.rglob("*.html")):
            tab.goto(page.resolve().as_uri())
            assert tab.locator("h1").is_visible()
        browser.close()
    return [url for url in asked if not url.startswith(("file:", "data:"))]


if __name__ == "__main__":
    import shutil

    folder = Path(sys.argv[1])
    wrong = site_faults(folder)
    chromium = shutil.which("chromium")
    remote = network_requests(folder, chromium) if chromium else []
    for name, found in wrong.items():
        print(f"{name}: {'; '.join(found)}")
    print(f"{len(list(folder.rglob('*.html')))} pages, {len(wrong)} with faults, {len(remote)} remote requests"
          + ("" if chromium else " (no browser here: requests not watched)"))  # fmt: skip
    sys.exit(bool(wrong or remote))
