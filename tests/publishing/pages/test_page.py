"""A page shows what the gate released and the prose of its language, needs nothing else, and refuses what was not released."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import made_pages
import pandas as pd
import pytest
from made_pages import NOTE, facts, make_cells, make_page, make_record, outputs, payload
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from analysis.errors import PublishingError
from analysis.publishing.drawing.view import answer_view
from analysis.publishing.gate.payload import MIME, pack_rows, seal, unpack_rows
from analysis.publishing.pages import outputs as shown_outputs
from analysis.publishing.pages.markup import plain


@pytest.fixture(autouse=True)
def translated(tmp_path_factory, monkeypatch):
    """The made notebook has its Vietnamese words."""
    root = tmp_path_factory.getbasetemp() / "made-prose"
    made_pages.translate_made(root)
    monkeypatch.setattr(
        "analysis.publishing.pages.prose.place_of", lambda notebook, lang: root / "locale" / lang / f"{notebook}.md"
    )


@pytest.fixture(scope="module")
def page():
    with pytest.MonkeyPatch.context() as patch:
        root = Path(made_pages.__file__).parent
        patch.setattr("analysis.publishing.pages.exporter.check_prose", lambda *_: {cell: ("", words[1]) for cell, words in made_pages.PROSE.items()} | {"p0": ("", "x")})  # fmt: skip
        assert root
        return make_page(place={"siblings": ({"href": "10-access.html", "title": "Ai được cử đi?"},)})


def read(html):
    """Every opening tag with its attributes, in order."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(html)
    return found


def test_keeps_one_language_and_only_what_was_released(page):
    """Other outputs of a notebook, its injected values and its other language stay out."""
    assert '<html lang="vi">' in page
    for absent in (
        "Is it met",
        "Some <em>prose",
        "Nguyễn Văn A",
        "raw table",
        "a repr",
        "AAAA",
        "/srv/secret",
        "explore",
    ):
        assert absent not in page


def test_the_top_is_title_answer_facts_lead_then_the_argument(page):
    """A reader meets question, answer, facts and figure first, then the argument, the limits and the provenance."""
    marks = [
        "<h1>Đã đạt chưa?</h1>", 'id="answer"', "<dt>Cách hiểu</dt><dd>đã có bằng hoặc đang học</dd>", 'id="where"',
        "Câu hỏi và đại lượng", '<h2 id="duoc-dao-tao">', 'id="readings"', 'id="heads"', 'id="reading"',
        'class="method"', "Không nói được mọi điều", "Nguồn gốc của trang này", "Mã lệnh và tham số",
    ]  # fmt: skip
    body = page[page.index("<body>") :]
    places = [body.index(mark) for mark in marks]
    assert places == sorted(places)


def test_anchors_are_ascii_unique_and_all_links_within_the_page_resolve(page):
    """An anchor that is there twice leads nowhere sure; parts of drawings are anchors too."""
    tags = read(page)
    anchors = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(anchors) == len(set(anchors))
    assert {"duoc-dao-tao", "duoc-dao-tao-2", "gia-dinh"} <= set(anchors)
    links = {a["href"][1:] for tag, a in tags if a.get("href", "").startswith("#")}
    links |= set(re.findall(r"url\(#([^)]+)\)", page))
    assert links and links <= set(anchors)


def test_neighbouring_method_sections_share_one_fold(page):
    """Method is for who asks for it; it does not stand between a reader and the next answer."""
    assert page.count('<details class="method">') == 1
    fold = page[page.index('<details class="method">') :]
    assert fold.index('id="phep-thu"') < fold.index("</details>")
    assert fold.index('id="duoc-dao-tao-2"') > fold.index("</details>")


def test_the_page_needs_nothing_and_runs_nothing(page):
    """Opened from a disk without a network it is whole, and no script runs."""
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page
    assert "<script" not in page
    for _, attributes in read(page):
        for name in ("href", "src", "srcset"):
            assert not re.match(r"\w+://|//|/|file:", attributes.get(name) or "")
        assert not [name for name in attributes if name.startswith("on")]
    assert not re.search(r"url\((?!#)", page) and "@import" not in page


def test_a_cell_may_be_left_out_for_a_value_of_a_parameter(monkeypatch):
    """One notebook makes two pages: what is tagged `not-ALL` is on none whose parameters say ALL, all else is."""
    monkeypatch.setattr("analysis.publishing.pages.exporter.check_prose", lambda *_: {cell: ("", words[1]) for cell, words in made_pages.PROSE.items()} | {"p0": ("", "x")})  # fmt: skip
    cells = made_pages.make_cells()
    (cell,) = [one for one in cells if one["id"] == "p2"]
    for tag, shown in (("not-ALL", False), ("not-other", True)):
        cell.metadata["tags"] = [tag]
        assert ("Đoạn <em>văn</em>" in made_pages.make_page(cells=cells)) is shown


def test_every_figure_has_words_and_one_drawing_a_width_for_every_tone(page):
    """Who does not see a figure hears it; the dark page and the light one share a drawing whose colours are variables."""
    tags = read(page)
    drawn = [attributes for tag, attributes in tags if attributes.get("role") == "img"]
    assert [one["class"] for one in drawn] == ["plate wide", "plate phone"] * 2
    assert all(len(one["aria-label"]) > 40 for one in drawn)
    assert "var(--c-" in page and re.search(r"@media screen and \(prefers-color-scheme:\s?dark\)\{:root\{--c-", page)
    colours = set(re.findall(r"var\((--c-[\w-]+)", page))
    assert all(f"{colour}:#" in page for colour in colours)


def test_letters_of_drawings_stand_once(page):
    """The shapes of letters are most of a drawing: the page holds each once, and every drawing finds them."""
    glyphs = re.findall(r'<path id="(DejaVu[^"]+)"', page)
    assert glyphs and len(glyphs) == len(set(glyphs))
    assert set(re.findall(r'href="#(DejaVu[^"]+)"', page)) <= set(glyphs)


def test_tables_name_their_cells_and_align_columns_of_numbers(page):
    """On a phone a row is a card: each number carries its column's name."""
    table = page[page.index('id="heads"') :]
    assert '<table class="cards"><caption class="hidden">Số người của từng chỉ tiêu</caption>' in table
    assert re.search(r'<td data-label="Thành viên" class="num">52</td>', table)
    assert re.search(r'<th scope="row">T1</th>', table) and '<th scope="col">Chỉ tiêu</th>' in table


def test_csv_is_one_click_away_and_is_the_released_rows(page):
    """What is drawn can be taken away as numbers."""
    links = [attributes for tag, attributes in read(page) if tag == "a" and "download" in attributes]
    assert [link["download"] for link in links] == ["40-t1_where.csv", "40-t1_readings.csv", "40-t1_heads.csv"]
    assert all(
        link["href"].startswith("data:text/csv;charset=utf-8,%EF%BB%BF") and "outcome" in link["href"] for link in links
    )


def test_code_is_folded_once_at_the_foot(page):
    """Who wants to check finds the steps under their sections' names, with parameters; nobody else has to read it."""
    assert page.count('<details class="code">') == 1 and page.count("<pre") == page.count('<pre lang="en">')
    fold = page[page.index('<details class="code">') :]
    assert fold.index("Được đào tạo") < fold.index('<span class="n">show</span>') and "unit_id" in fold
    assert "unit_id" not in page[: page.index('<details class="code">')]


def test_exhibits_are_headings(page):
    """Who reads by headings finds every figure and table: the lead under the title, the others under their section."""
    assert re.search(r'<h2 class="exhibit-title" id="where-title">', page)
    assert re.search(r'<h3 class="exhibit-title" id="readings-title">', page)


def test_a_single_method_section_is_its_own_fold():
    """The name of a fold is not said twice; on paper its heading stands for it."""
    cells = [cell for cell in make_cells() if cell["id"] != "p4"]
    page = make_page("en", cells=cells)
    assert '<details class="method"><summary>Assumptions</summary>' in page
    assert '<h2 id="assumptions" class="hidden">' in page


def test_a_status_without_a_word_is_refused(monkeypatch):
    """An answer of a status that no page knows is an error of the house that names the view and those there are."""
    monkeypatch.setattr(shown_outputs, "find_view", lambda _: answer_view(lambda rows, **_: (["Yes."], "splendid")))
    with pytest.raises(PublishingError, match="attainment.answer is 'splendid'; allowed: met, on_track"):
        shown_outputs.show_output(payload("attainment.answer", "answer", final=True))


def test_text_leads_to_the_pages_it_names():
    """`page:SLUG` in prose is a link where that page stands, with its title if it has no words; else it is only words."""
    cells = make_cells()
    cells[4].source = "## Trained\n\nSee [the effect](page:effect), [](page:effect) and [the plan](page:gone)."
    place = {"siblings": ({"href": "effect.html", "title": "Does it lead <up>?"},)}
    page = make_page("en", cells=cells, place=place)
    assert '<a href="effect.html">the effect</a>, <a href="effect.html">Does it lead &lt;up&gt;?</a>' in page
    assert "and the plan." in page and "page:gone" not in page


def test_a_figure_with_nothing_to_show_is_a_sentence():
    """No empty plate is drawn, and no caption explains marks that are not there."""
    empty = payload("attainment.bullets", "where", lead=True, frame=made_pages.rows().iloc[:0])
    page = make_page("en", shown=(empty,))
    assert "<p>Not assessable, or not to be disclosed: nothing is shown.</p>" in page
    assert 'role="img"' not in page and "<figcaption" not in page


def test_vietnamese_names_are_marked_in_english(page):
    """A screen reader speaks a name in its language; a page in that language needs no mark."""
    cells = make_cells()
    cells[4].source = "## Trained\n\nOf Sóc Trăng province, after Hernán and García."
    english = make_page("en", cells=cells)
    assert 'Of <span lang="vi">Sóc Trăng</span> province, after Hernán and García.' in english
    assert '<span lang="vi">' not in page


def test_the_description_for_searches_has_spaces_between_lines():
    """Lines of an answer are sentences of their own, also where nothing of HTML is left."""
    assert plain("One.<br>Two.") == "One. Two." and plain("<p>A.</p><ul><li>B</li><li>C</li></ul>") == "A. B C"


def test_provenance_tells_all_and_no_path_of_the_machine(page):
    """Data, code, rule, parameters and notes stand at the foot, in the page's language."""
    foot = page[page.index('class="provenance"') :]
    for word in (
        "30/06/2025",
        "9f2c41d0aa9f<",
        "0a1b2c3d4e5f<",
        "x: bị thiếu",
        "24, 36",
        "true",
        "3.0.5",
        NOTE.say("vi"),
        "02/07/2025",
    ):
        assert word in foot, word
    assert "/elsewhere/here" not in page and "<td>synthetic</td>" in foot


def test_navigation(page):
    """Home, the other language and the other pages are one step away; a site of one language has no switch."""
    hrefs = [attributes.get("href") for tag, attributes in read(page) if tag == "a"]
    assert {"../index.html", "../en/40-t1.html", "10-access.html"} <= set(hrefs) and "40-t1.html" not in hrefs
    english = make_page("en", place={"home": "index.html", "other": "../vi/40-t1.html"})
    assert '<html lang="en">' in english and "Synthetic data, not real" in english and "30 June 2025" in english
    assert 'href="index.html"' in english and 'href="../vi/40-t1.html"' in english and "Some <em>prose</em>" in english
    assert 'hreflang="en"' not in make_page(place={"other": ""})


def test_a_title_of_the_plan_wins_and_is_escaped():
    """Several pages of one notebook have titles of their own."""
    assert "<h1>Đã đạt chưa? · T1 &lt;b&gt;</h1>" in make_page(place={"title": "Đã đạt chưa? · T1 <b>"})


def test_the_ribbon_stands_only_on_synthetic_pages(page):
    """Nothing synthetic passes for real, on a screen or on paper."""
    assert 'class="ribbon"' in page and "@top-center { content:" in page
    real = make_page(synthetic=False)
    assert 'class="ribbon"' not in real and "mô phỏng, không phải" not in real


def test_the_same_input_gives_the_same_bytes(page):
    """A page drawn again from the same rows is the same file."""
    assert make_page() == make_page()


def refusal(**given):
    with pytest.raises(PublishingError) as caught:
        make_page(**given)
    assert caught.value.text.say("en") != caught.value.text.say("vi")
    return caught.value.text.say("en")


def test_refuses_what_the_gate_did_not_release():
    """A payload that is in no record, or was touched after it, is not shown."""
    shown = (payload("attainment.readings", "readings"),)
    assert "'readings'" in refusal(shown=shown, released=[])
    cells = make_cells(shown)
    code = next(cell for cell in cells if cell.cell_type == "code" and len(cell.outputs) > 1)
    code.outputs[-1].data[MIME] = {**shown[0], "rows": pack_rows(made_pages.rows().iloc[:3])}
    assert "changed after it" in refusal(cells=cells)


def test_refuses_a_view_that_there_is_not_and_a_name_that_is_none():
    """A payload names a view of the package and an anchor, nothing else."""
    strange = seal({**payload("attainment.readings", "x"), "view": "os.system"})
    assert "There is no view 'os.system'" in refusal(shown=(strange,))
    assert "'../x'" in refusal(shown=(seal({**strange, "name": "../x"}),))


def test_refuses_two_outputs_of_one_name():
    """An anchor leads to one thing."""
    assert "two outputs are named 'facts'" in refusal(shown=(facts(n=1), facts(n=2)))


def test_refuses_prose_whose_translation_did_not_follow():
    """A paragraph that says something new in English is not published with its old words in Vietnamese; the cell is named."""
    cells = make_cells()
    cells[4].source += " More."
    assert "40_made: the cells p2 have no translation" in refusal(cells=cells)
    assert "More." in make_page("en", cells=cells)


def test_refuses_a_failed_run_a_missing_title_and_a_notebook_without_a_record():
    """What did not go through the gate to its end is no page, and a message tells no person's data."""
    failed = new_output("error", ename="KeyError", evalue="Nguyễn Văn A", traceback=["Nguyễn Văn A"])
    cells = make_cells(())
    cells.insert(5, new_code_cell("1/0", outputs=[failed]))
    assert "failed" in refusal(cells=cells) and "Nguyễn" not in refusal(cells=cells)
    assert "found 0" in refusal(cells=make_cells(())[1:])
    assert "found 2" in refusal(lang="en", cells=[new_markdown_cell("# Again", id="p7"), *make_cells(())])
    assert "no record of release" in refusal(cells=make_cells()[:-1])


def test_refuses_to_show_a_path_of_this_machine():
    """Where the project lies on a disk is nobody's business."""
    cells = make_cells(())
    cells.insert(5, new_code_cell(f'open("{Path.home()}/secret.csv")'))
    assert "path of this machine" in refusal(cells=cells)


def test_rows_come_back_as_they_went():
    """Numbers, dates, flags, words and messages cross the gate exactly, and columns in their order: tables are read by it."""
    frame = made_pages.rows().assign(said=[NOTE] * len(made_pages.rows()), none=float("nan"))
    back = unpack_rows(json.loads(json.dumps(pack_rows(frame), sort_keys=True)))  # as a notebook's file is written
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_exact=True)


def test_markdown_without_a_record_of_its_language_is_english():
    """The notebook's own words are the English page."""
    cells = [*make_cells()[:-1], new_markdown_cell("## More\n\nYes.", id="p9"), make_cells()[-1]]
    assert "Yes." in make_page("en", cells=cells)


def test_the_record_may_be_completed_by_the_batch_only():
    """Commit and versions come from who ran the notebook; without them the foot says so."""
    bare = {
        name: value
        for name, value in make_record(outputs()).items()
        if name not in ("commit", "versions", "started", "key")
    }
    assert "Phiên bản mã lệnh" in make_page(cells=make_cells(outputs(), bare))
