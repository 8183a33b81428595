"""Pages in a real browser: accessible, still, narrow enough, printable."""

import shutil

import pytest
from made_pages import SITE, entry, make_page

from analysis.publishing.pages.site import build_site, write_text

pytestmark = pytest.mark.browser
PAGES = ["vi/40-t1.html", "en/40-t1.html", "index.html", "en/index.html"]
DRAWN = "[...document.images].filter(i => i.checkVisibility()).map(i => atob(i.currentSrc.split(',')[1]))"
LOOKS = [(page, tone, width) for page in PAGES for tone in ("light", "dark") for width in (1280, 360)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    for lang in ("vi", "en"):
        siblings = [{"href": "10-access.html", "title": "Ai được cử đi?"}]
        parameters = {f"a_rather_long_parameter_{n}": ["postgraduate", "political_theory"] for n in range(12)}
        html = make_page(folder, lang=lang, siblings=siblings, parameters=parameters)
        write_text(folder / lang / "40-t1.html", html)
    failed = {"failed": True, "stale": True, "reason": "Hết giờ."}
    statuses = ["met", "on_track", "supported", "push", "suggestive", "unlikely", "missed", "pending", "unclear",
                "not_assessable", "info"]  # fmt: skip
    cards = [
        entry(f"{lang}-{n}", lang, status=status, **(failed if n == 2 else {}))
        for lang in ("vi", "en")
        for n, status in enumerate(statuses)
    ]
    build_site(cards, folder, site=SITE)
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


@pytest.mark.parametrize(
    ("tone", "width", "drawn"), [("light", 1280, "wide"), ("light", 360, "phone"), ("dark", 1280, "wide"),
                                 ("dark", 360, "phone")]
)  # fmt: skip
def test_each_screen_gets_its_own_drawing(visit, tone, width, drawn):
    tab, _ = visit("vi/40-t1.html", tone=tone, width=width)
    sources = tab.evaluate(DRAWN)
    assert len(sources) == 2 and all(f'fill="{drawn}{tone}"' in source for source in sources)


def test_the_ribbon_stays_in_sight_and_covers_nothing_one_jumps_to(visit):
    tab, _ = visit("vi/40-t1.html", width=360)
    tab.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert tab.locator(".ribbon").bounding_box()["y"] == pytest.approx(0, abs=1)
    tab.evaluate("location.hash = 'duoc-dao-tao'")
    ribbon = tab.locator(".ribbon").bounding_box()
    assert tab.locator("#duoc-dao-tao").bounding_box()["y"] >= ribbon["y"] + ribbon["height"]


def test_contents_stand_beside_the_text_on_a_desk_and_fold_on_a_phone(visit):
    desk, _ = visit("vi/40-t1.html")
    assert desk.locator(".beside").is_visible() and not desk.locator(".folded").is_visible()
    phone, _ = visit("vi/40-t1.html", width=360)
    assert phone.locator(".folded summary").is_visible() and not phone.locator(".beside").is_visible()
    assert not phone.locator(".folded ol").is_visible()


def test_a_link_to_the_method_opens_its_fold(visit):
    tab, _ = visit("vi/40-t1.html")
    assert not tab.locator("#gia-dinh").is_visible()
    tab.locator(".beside a", has_text="Giả định").click()
    tab.locator("#gia-dinh").wait_for(state="visible")


def test_text_lines_are_65_to_75_characters_wide_at_most(visit):
    tab, _ = visit("vi/40-t1.html")
    width, size, leading = tab.evaluate(
        "(() => { const p = document.querySelector('section .prose'), s = getComputedStyle(p);"
        " return [p.getBoundingClientRect().width, parseFloat(s.fontSize), parseFloat(s.lineHeight)] })()"
    )
    assert leading / size >= 1.5
    assert 30 <= width / size <= 42  # a mean letter is 0.47 to 0.56 em wide, by font


def test_downloads_a_csv_that_opens_with_vietnamese_letters(visit):
    tab, _ = visit("vi/40-t1.html")
    with tab.expect_download() as waiting:
        tab.locator("#rows .download a").click()
    assert waiting.value.suggested_filename == "40-t1_rows.csv"


@pytest.mark.parametrize("tone", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_prints_light_and_unfolded(visit, page, tone):
    tab, _ = visit(page, tone=tone)
    assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(22, 33, 43)"
    drawn = tab.evaluate(DRAWN)
    assert all("widelight" in source for source in drawn)
    folded = "[...document.querySelectorAll('details:not(.folded, .code, .exhibit .data) > :last-child')].filter(e => !e.checkVisibility())"
    assert tab.evaluate(folded + ".length") == 0
    left_out = "[...document.querySelectorAll('.code, .exhibit .data')].filter(e => e.checkVisibility()).length"
    assert tab.evaluate(left_out) == 0, "paper carries the argument; code and the data behind figures stay on screen"
