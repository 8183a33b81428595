import base64
import re
from html.parser import HTMLParser

import pytest
from made_pages import (
    ANSWER,
    FACTS,
    READING,
    SVG,
    figure,
    make_cells,
    make_page,
    make_receipt,
    pair,
    write,
)
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from analysis.errors import PublishingError
from analysis.publishing.gate.payload import MIME, digest_payload
from analysis.publishing.pages.markup import clean, embed_svg, slugify
from analysis.publishing.pages.page import build_page, say_date


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    siblings = [
        {"href": "40-t1.html", "title": "Trang này"},
        {"href": "10-access.html", "title": "Ai được cử đi?"},
    ]
    return make_page(tmp_path_factory.mktemp("page"), siblings=siblings)


def read(html):
    """Every opening tag with its attributes, in order."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(html)
    return found


def test_keeps_one_language_and_only_what_was_released(page):
    assert '<html lang="vi">' in page
    for absent in (
        "Is it met",
        "Some <em>prose",
        "Nguyễn Văn A",
        "raw table",
        "a repr",
        "AAAA",
        "/srv/secret",
    ):
        assert absent not in page


def test_the_top_is_title_answer_facts_lead_then_the_argument(page):
    marks = [
        "<h1>Đã đạt chưa?</h1>", "Khó đạt", "Đạt <strong>47,3 %</strong>", "<dt>Số người</dt><dd>1.234</dd>",
        "Hình đầu trang", "Câu hỏi và đại lượng", '<h2 id="duoc-dao-tao">', "Đường đi lên", "Bảng số",
        "Đọc thế này", "Không nói được mọi điều", "Mã lệnh của phần này", "Nguồn gốc của trang này",
    ]  # fmt: skip
    body = page[page.index("<body>") :]
    places = [body.index(mark) for mark in marks]
    assert places == sorted(places)


def test_anchors_are_ascii_unique_and_all_links_within_the_page_resolve(page):
    tags = read(page)
    anchors = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(anchors) == len(set(anchors))
    assert {"duoc-dao-tao", "duoc-dao-tao-2", "gia-dinh"} <= set(anchors)
    links = {a["href"][1:] for tag, a in tags if tag == "a" and a.get("href", "").startswith("#")}
    assert links and links <= set(anchors)


def test_neighbouring_method_sections_share_one_fold(page):
    assert page.count('<details class="method">') == 1
    fold = page[page.index('<details class="method">') :]
    assert fold.index('id="phep-thu"') < fold.index("</details>")
    assert fold.index('id="duoc-dao-tao-2"') > fold.index("</details>")


def test_the_page_needs_nothing_and_runs_nothing(page):
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page
    assert "<script" not in page
    for _, attributes in read(page):
        for name in ("href", "src", "srcset"):
            assert not re.match(r"\w+://|//|/|file:", attributes.get(name) or "")
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in page and "@import" not in page


def test_every_figure_has_words_and_a_drawing_for_each_screen(page):
    tags = read(page)
    images = [attributes for tag, attributes in tags if tag == "img"]
    assert len(images) == 4 and all(image["alt"] for image in images)
    drawn = [base64.b64decode(image["src"].split(",")[1]).decode() for image in images]
    assert ["widelight" in drawn[0], "widedark" in drawn[1]] == [True, True]
    narrow = [attributes["media"] for tag, attributes in tags if tag == "source"]
    assert narrow == ["screen and (max-width: 640px)"] * 4


def test_a_figure_without_dark_drawing_gets_a_light_plate(tmp_path):
    plain = figure(images={"wide_light": SVG})
    page = make_page(tmp_path, outputs=(plain,))
    assert '<picture class="plate lit">' in page and page.count("<img") == 1


def test_tables_name_their_cells_and_align_columns_of_numbers(page):
    table = page[page.index("Bảng số") :]
    assert '<table class="cards">' in table
    assert '<td class="num" data-label="Có">10</td>' in table
    assert '<td class="num" data-label="Cần">47,3 %</td>' in table
    assert '<td data-label="Khoảng">0,6 đến 5,2</td>' in table  # a column with words in it stays as text
    assert '<th scope="row">Nữ</th>' in table and '<th scope="col">Nhóm</th>' in table


def test_csv_is_one_click_away_and_keeps_vietnamese_letters(page):
    links = [attributes for tag, attributes in read(page) if tag == "a" and "download" in attributes]
    assert [link["download"] for link in links] == [
        "40-t1_lead-figure.csv",
        "40-t1_curve.csv",
        "40-t1_rows.csv",
    ]
    assert links[1]["href"] == "data:text/csv;charset=utf-8,%EF%BB%BFnh%C3%B3m%2Cn%0AA%2C10%0A"


def test_code_is_folded_and_highlighted_at_the_end_of_its_section(page):
    assert page.count('<details class="code">') == 2
    assert '<span class="n">show</span>' in page
    assert page.index("Đọc thế này") < page.index('<span class="n">show</span>') < page.index('class="method"')


def test_provenance_tells_all_and_no_path_of_the_machine(page):
    foot = page[page.index('class="provenance"') :]
    for word in ("30/06/2025", "9f2c41d0aa9f<", "0a1b2c3d4e5f<", "Không công bố số đếm dưới 10.", "24, 36", "true",
                 "3.0.5", "12 trọng số bị cắt.", "02/07/2025"):  # fmt: skip
        assert word in foot
    assert "/elsewhere/here" not in page and "<td>synthetic</td>" in foot


def test_navigation(page, tmp_path):
    hrefs = [attributes.get("href") for tag, attributes in read(page) if tag == "a"]
    assert "../index.html" in hrefs and "../en/40-t1.html" in hrefs
    assert "10-access.html" in hrefs and "40-t1.html" not in hrefs
    english = make_page(tmp_path, lang="en")
    assert '<html lang="en">' in english and "Synthetic data, not real" in english and "30 June 2025" in english
    assert 'href="index.html"' in english and 'href="../vi/40-t1.html"' in english
    without = build_page(
        write(tmp_path), make_receipt(), lang="vi", siblings=[{"rel": "home", "href": "../index.html"}]
    )
    assert 'hreflang="en"' not in without


def test_links_and_title_given_by_the_batch_are_used(tmp_path):
    links = [
        {"rel": "home", "href": "../h.html"},
        {"rel": "page", "href": "40-t1.html", "title": "Trang này", "here": True},
        {"rel": "page", "href": "40-t2.html", "title": "Chỉ tiêu khác", "here": False},
    ]
    page = make_page(tmp_path, siblings=links, title="Đã đạt chưa? · T1 <b>")
    assert "<h1>Đã đạt chưa? · T1 &lt;b&gt;</h1>" in page and 'href="../h.html"' in page
    assert "Chỉ tiêu khác" in page and "Trang này" not in page and 'hreflang="en"' not in page
    twin = make_page(tmp_path, siblings=[*links, {"rel": "other", "href": "../en/40-t1.html"}])
    assert 'href="../en/40-t1.html"' in twin


def test_the_ribbon_stands_only_on_synthetic_pages(page, tmp_path):
    assert 'class="ribbon"' in page and "@top-center { content:" in page
    real = make_page(tmp_path, synthetic=False)
    assert 'class="ribbon"' not in real and "mô phỏng, không phải" not in real


def test_the_same_input_gives_the_same_bytes(page, tmp_path):
    assert make_page(tmp_path) == make_page(tmp_path)


def refusal(folder, **given):
    with pytest.raises(PublishingError) as caught:
        make_page(folder, **given)
    return caught.value.text


def test_refuses_what_the_gate_did_not_release(tmp_path):
    assert "'curve'" in refusal(tmp_path, outputs=(figure(),), released=[]).en
    cells = make_cells((figure(),))
    code = next(cell for cell in cells if cell.cell_type == "code" and cell.outputs)
    code.outputs[-1].data[MIME]["caption"] = "changed after release"
    assert "changed" in refusal(tmp_path, outputs=(figure(),), cells=cells).en


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        (figure(alt=" "), "alt"),
        (figure(title=""), "title"),
        (figure(images={"wide_dark": SVG}), "wide_light"),
        (figure(caption=None), "caption"),
        ({**ANSWER, "status": "great"}, "status"),
        ({**FACTS, "items": [{"label": "n", "value": 3}]}, "value"),
        ({**READING, "role": "widget"}, "widget"),
        ({**READING, "name": "../x"}, "name"),
    ],
)
def test_refuses_a_payload_that_lacks_what_its_role_needs(tmp_path, payload, names):
    text = refusal(tmp_path, outputs=(payload,))
    assert names in text.en and "cell 7" in text.en and "ô 7" in text.vi


def test_refuses_two_outputs_of_one_name(tmp_path):
    assert "two outputs" in refusal(tmp_path, outputs=(READING, READING)).en


def test_refuses_prose_without_language_naming_notebook_and_cell(tmp_path):
    text = refusal(tmp_path, cells=[*make_cells(()), new_markdown_cell("Không thẻ.")])
    assert "40_target.ipynb, cell 14" in text.en and "ô 14" in text.vi


def test_refuses_a_failed_run_a_missing_title_and_another_language(tmp_path):
    failed = new_output("error", ename="KeyError", evalue="Nguyễn Văn A", traceback=["Nguyễn Văn A"])
    text = refusal(tmp_path, cells=[*make_cells(()), new_code_cell("1/0", outputs=[failed])])
    assert "failed" in text.en and "Nguyễn" not in text.en + text.vi
    assert "found 0" in refusal(tmp_path, cells=pair("## Mục", "## Section")).en
    assert "found 2" in refusal(tmp_path, cells=[*make_cells(()), *pair("# Lại", "# Again")]).en
    with pytest.raises(PublishingError, match="ran in 'en'|chạy bằng 'en'"):
        build_page(write(tmp_path), make_receipt(lang="en"), lang="vi", siblings=[])


def test_refuses_to_show_a_path_of_this_machine(tmp_path):
    cells = [*make_cells(()), new_code_cell(f'open("{tmp_path}/secret.csv")')]
    assert "path of this machine" in refusal(tmp_path, cells=cells).en


@pytest.mark.parametrize(
    "bad",
    [
        "<svg",
        "<html/>",
        SVG.replace("<text", "<script>alert(1)</script><text"),
        SVG.replace("<text", '<a href="https://example.org"><text').replace("</text>", "</text></a>"),
        SVG.replace("<text", '<image href="https://example.org/x.png"/><text'),
        SVG.replace("<text", '<rect fill="url(https://example.org/x)"/><text'),
        SVG.replace("<text", "<style>@import 'x.css';</style><text"),
        SVG.replace("<text", '<text onload="alert(1)"'),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
    ],
)
def test_refuses_a_drawing_that_is_not_inert(bad):
    with pytest.raises(PublishingError, match="curve"):
        embed_svg(bad, "curve")


def test_a_drawing_of_matplotlib_passes_and_loses_its_metadata():
    import io

    from matplotlib.figure import Figure

    drawing = Figure()
    drawing.subplots().plot([1, 2], clip_on=True)
    file = io.StringIO()
    drawing.savefig(file, format="svg")
    inside = base64.b64decode(embed_svg(file.getvalue(), "x").split(",")[1]).decode()
    assert "<metadata" not in inside and "matplotlib.org" not in inside and "clip-path" in inside


def test_markup_is_cut_to_the_allow_list():
    dirty = [
        '<p onclick="x()">a<script>alert(1)</script><img src="https://e.org/a.png">',
        '<img src="data:image/png;base64,AA==" alt="b"><a href="https://e.org">c</a>',
        '<a href="javascript:x()">d</a><a href="10-x.html#y">e</a>',
        '<h1>f</h1><iframe src="x"></iframe><span style="position:fixed">g</span></p>',
    ]
    safe = clean("".join(dirty))
    assert "data:image/png;base64,AA==" in safe and '<a href="10-x.html#y">e</a>' in safe and "<a>c</a>" in safe
    for bad in ("script", "onclick", "e.org", "javascript", "iframe", "style", "<h1", "alert"):
        assert bad not in safe


def test_words():
    assert say_date("2025-06-30", "vi") == "30/06/2025" and say_date("2025-06-03", "en") == "3 June 2025"
    taken = set()
    assert [slugify("Đào tạo ở đâu?", taken), slugify("Đào tạo ở đâu", taken)] == [
        "dao-tao-o-dau",
        "dao-tao-o-dau-2",
    ]
    assert slugify("???", taken) == "section"
    assert digest_payload({"b": 1, "a": "đ", "digest": "x"}) == digest_payload({"a": "đ", "b": 1})
