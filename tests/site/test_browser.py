"""Pages in a real browser: accessible, still, narrow enough, printable."""

import shutil

import pytest
from made_pages import PROSE, SITE, entry, make_page

from analysis.publishing.batch.files import write_text
from analysis.publishing.drawing.style import CSS_LIGHT
from analysis.publishing.pages.site import HOMES, build_home

pytestmark = pytest.mark.browser
PAGES = ["vi/40-t1.html", "en/40-t1.html", "index.html", "en/index.html"]
DRAWN = "[...document.querySelectorAll('.plate')].filter(e => e.checkVisibility()).map(e => e.className)"
PAPER = "getComputedStyle(document.documentElement).getPropertyValue('--c-ink').trim()"
LOOKS = [(page, tone, width) for page in PAGES for tone in ("light", "dark") for width in (1280, 360)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    translated = {cell: ("", words[1]) for cell, words in PROSE.items()} | {"p0": ("", "x")}
    failed = {"failed": True, "stale": True, "reason": "Hết giờ."}
    statuses = ["met", "on_track", "supported", "push", "suggestive", "unlikely", "missed", "pending", "unclear",
                "not_assessable", "info"]  # fmt: skip
    cards = [
        entry(f"{lang}-{n}", lang, answer={"html": "Đạt", "status": status, "status_word": "Khó đạt"}, **(failed if n == 2 else {}))
        for lang in HOMES for n, status in enumerate(statuses)
    ]  # fmt: skip
    parameters = {f"a_rather_long_parameter_{n}": ["postgraduate", "political_theory"] for n in range(12)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.publishing.pages.exporter.check_prose", lambda *_: translated)
        for lang, other in (("vi", "en"), ("en", "vi")):
            place = {
                "siblings": ({"href": "10-access.html", "title": "Ai được cử đi?"},),
                "other": f"../{other}/40-t1.html",
            }
            write_text(folder / lang / "40-t1.html", make_page(lang, place=place, parameters=parameters))
            write_text(folder / HOMES[lang], build_home(cards, lang, SITE))
    return folder


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(names)} is on the PATH")
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, site):
    """Open a page of the site; give it with the list of every request it made."""
    contexts = []

    def go(page, *, tone="light", width=1280):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=tone)
        contexts.append(context)
        tab, asked = context.new_page(), []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto((site / page).as_uri())
        return tab, asked

    yield go
    for context in contexts:
        context.close()


def open_folds(tab):
    tab.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")


@pytest.mark.parametrize(("page", "tone", "width"), LOOKS)
def test_accessible_still_and_never_too_wide(visit, site, page, tone, width):
    """Readers with a screen reader or a phone lose nothing, and a page asks no other server for anything."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    tab, asked = visit(page, tone=tone, width=width)
    open_folds(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tables = "[...document.querySelectorAll('table')].every(t => t.getBoundingClientRect().right <= innerWidth)"
    assert tab.evaluate(tables)
    assert [url for url in asked if not url.startswith("data:")] == [(site / page).as_uri()]
    found = axe.Axe().run(tab).response
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []
    assert tab.locator("h1").count() == 1 and tab.title()


@pytest.mark.parametrize("width", [1280, 360])
def test_each_screen_gets_its_own_drawing_and_each_tone_its_colours(visit, width):
    """One drawing serves light and dark: its colours are the page's; a phone gets one drawn for it."""
    inks = set()
    for tone in ("light", "dark"):
        tab, _ = visit("vi/40-t1.html", tone=tone, width=width)
        assert tab.evaluate(DRAWN) == [f"plate {'wide' if width > 640 else 'phone'}"] * 2
        inks.add(
            tab.evaluate("getComputedStyle(document.querySelector('.plate svg use, .plate svg path')).fill + " + PAPER)
        )
    assert len(inks) == 2


def test_the_ribbon_stays_in_sight_and_covers_nothing_one_jumps_to(visit):
    """The warning that data are invented stays in sight and never hides the heading that a link leads to."""
    tab, _ = visit("vi/40-t1.html", width=360)
    tab.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert tab.locator(".ribbon").bounding_box()["y"] == pytest.approx(0, abs=1)
    tab.evaluate("location.hash = 'duoc-dao-tao'")
    ribbon = tab.locator(".ribbon").bounding_box()
    assert tab.locator("#duoc-dao-tao").bounding_box()["y"] >= ribbon["y"] + ribbon["height"]


def test_contents_stand_beside_the_text_on_a_desk_and_fold_on_a_phone(visit):
    """The contents are at hand on a desk and do not fill the first screen of a phone."""
    desk, _ = visit("vi/40-t1.html")
    assert desk.locator(".contents .beside").is_visible() and not desk.locator(".contents .folded").is_visible()
    phone, _ = visit("vi/40-t1.html", width=360)
    assert (
        phone.locator(".contents .folded summary").is_visible() and not phone.locator(".contents .beside").is_visible()
    )
    assert not phone.locator(".folded ol").is_visible()


def test_a_link_to_the_method_opens_its_fold(visit):
    """A link into a folded part shows what it names, and not a closed fold."""
    tab, _ = visit("vi/40-t1.html")
    assert not tab.locator("#gia-dinh").is_visible()
    tab.locator(".beside a", has_text="Giả định").click()
    tab.locator("#gia-dinh").wait_for(state="visible")


def test_text_lines_are_65_to_75_characters_wide_at_most(visit):
    """Lines stay short and open enough to be read with ease on a wide screen."""
    tab, _ = visit("vi/40-t1.html")
    width, size, leading = tab.evaluate(
        "(() => { const p = document.querySelector('section .prose'), s = getComputedStyle(p);"
        " return [p.getBoundingClientRect().width, parseFloat(s.fontSize), parseFloat(s.lineHeight)] })()"
    )
    assert leading / size >= 1.5
    assert 30 <= width / size <= 42  # a mean letter is 0.47 to 0.56 em wide, by font


def test_downloads_a_csv_that_opens_with_vietnamese_letters(visit):
    """The data behind a figure come as a file whose name says of which page and figure they are."""
    tab, _ = visit("vi/40-t1.html")
    with tab.expect_download() as waiting:
        tab.locator("#heads .download a").click()
    assert waiting.value.suggested_filename == "40-t1_heads.csv"


@pytest.mark.parametrize("tone", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_prints_light_and_unfolded(visit, page, tone):
    """A page printed for a meeting is dark on white and misses no part that was folded on the screen."""
    tab, _ = visit(page, tone=tone)
    assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
    tab.emulate_media(media="print", color_scheme=tone)
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(22, 33, 43)"
    assert all(drawn == "plate wide" for drawn in tab.evaluate(DRAWN))
    assert tab.evaluate(PAPER) == CSS_LIGHT["ink"], "paper is light whatever the screen was"
    folded = "[...document.querySelectorAll('details:not(.folded, .code, .exhibit .data) > :last-child')].filter(e => !e.checkVisibility())"
    assert tab.evaluate(folded + ".length") == 0
    whole = "[...document.querySelectorAll('.exhibit:not(.tabled)')].every(e => getComputedStyle(e).breakInside === 'avoid')"
    assert tab.evaluate(whole), "no title is parted from its figure"
    left_out = "[...document.querySelectorAll('.code, .exhibit .data')].filter(e => e.checkVisibility()).length"
    assert tab.evaluate(left_out) == 0, "paper carries the argument; code and the data behind figures stay on screen"
