"""Pages and cards made by hand: what a gate would have released, without a run."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.publishing.gate.payload import MIME, digest_payload
from analysis.publishing.pages.page import build_page

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 5"><text x="1" y="4" fill="{}">a</text></svg>'


def seal(payload):
    return {**payload, "digest": digest_payload(payload)}


def released(*payloads):
    return [new_output("display_data", data={MIME: seal(payload), "text/plain": "a repr"}) for payload in payloads]


def figure(**changes):
    images = {f"{w}_{t}": SVG.format(f"{w}{t}") for w in ("wide", "phone") for t in ("light", "dark")}
    base = {
        "role": "figure", "name": "curve", "title": "Đường đi lên", "caption": "n = 300", "alt": "Một đường đi lên.",
        "images": images, "csv": "nhóm,n\nA,10\n", "table_html": TABLE,
    }  # fmt: skip
    return {**base, **changes}


TABLE = (
    "<table><thead><tr><th>Nhóm</th><th>Có</th><th>Đang học</th><th>Cần</th><th>Khoảng</th></tr></thead><tbody>"
    "<tr><th>Nữ</th><td>10</td><td>1.234</td><td>47,3 %</td><td>0,6 đến 5,2</td></tr>"
    "<tr><th>Trẻ</th><td>–</td><td>25</td><td>5</td><td>chưa rõ</td></tr></tbody></table>"
)
ANSWER = {
    "role": "answer", "name": "answer", "html": "Đạt <strong>47,3 %</strong>.", "status": "push",
    "status_word": "Khó đạt",
}  # fmt: skip
FACTS = {"role": "facts", "name": "facts", "items": [{"label": "Số người", "value": "1.234"}]}
LEAD = figure(role="lead", name="lead-figure", title="Hình đầu trang")
ROWS = {
    "role": "table",
    "name": "rows",
    "title": "Bảng số",
    "html": TABLE,
    "note": "Làm tròn đến 5.",
    "csv": "a\n1\n",
}
READING = {"role": "text", "name": "reading", "html": "<p>Đọc thế này.</p>"}
LIMITS = {"role": "limits", "name": "limits", "html": "<p>Không nói được mọi điều.</p>"}
OUTPUTS = (figure(), ROWS, READING, LEAD, LIMITS, ANSWER, FACTS)


def pair(vi, en, *tags):
    return [new_markdown_cell(text, metadata={"tags": [lang, *tags]}) for lang, text in (("vi", vi), ("en", en))]


def make_cells(outputs=OUTPUTS):
    noise = [
        new_output("stream", text="Nguyễn Văn A"),
        new_output("display_data", data={"text/html": "<b>raw table</b>", "image/png": "AAAA"}),
    ]
    return [
        *pair("# Đã đạt chưa?\n\nCâu hỏi và đại lượng.", "# Is it met?\n\nThe question."),
        new_code_cell('data = "x"  # str', metadata={"tags": ["parameters"]}),
        new_code_cell('data = "/srv/secret"', metadata={"tags": ["injected-parameters"]}),
        *pair("## Được đào tạo\n\nĐoạn *văn*.", "## Trained\n\nSome *prose*."),
        new_code_cell("show(rows)", outputs=[*noise, *released(*outputs)]),
        *pair("## Giả định\n\nMột.", "## Assumptions\n\nOne.", "method"),
        *pair("## Phép thử\n\nHai.", "## Checks\n\nTwo.", "method"),
        *pair("## Được đào tạo\n\nLại nữa.", "## Trained\n\nAgain."),
    ]


def write(folder, cells=None):
    path = folder / "40_target.ipynb"
    nbformat.write(new_notebook(cells=make_cells() if cells is None else cells), path)
    return path


def make_receipt(outputs=OUTPUTS, **changes):
    base = {
        "notebook": "notebooks/40_target.ipynb", "slug": "40-t1", "lang": "vi",
        "parameters": {"data": "/elsewhere/here/data/synthetic", "horizons": [24, 36], "draft": True, "unit_id": "ALL"},
        "as_of": "2025-06-30", "synthetic": True, "source_name": "Hồ sơ mô phỏng", "data_hash": "9f2c41d0aa" * 6,
        "commit": "0a1b2c3d4e5f60718293", "dirty": False, "versions": {"pandas": "3.0.5"}, "key": "k",
        "started": "2025-07-02T08:00:00", "seconds": 3.2, "released": [digest_payload(item) for item in outputs],
        "rule": "Không công bố số đếm dưới 10.", "notes": ["12 trọng số bị cắt."],
    }  # fmt: skip
    return {**base, **changes}


def make_page(folder, lang="vi", outputs=OUTPUTS, cells=None, siblings=(), **changes):
    path = write(folder, make_cells(outputs) if cells is None else cells)
    return build_page(path, make_receipt(outputs, lang=lang, **changes), lang=lang, siblings=list(siblings))


SITE = {"title": {"vi": "Đào tạo", "en": "Training"}, "intro": {"vi": "Lời mở.", "en": "An opening."}}


def entry(slug="40-t1", lang="vi", **changes):
    base = {
        "slug": slug, "lang": lang, "title": f"Chỉ tiêu {slug}", "html_path": f"{lang}/{slug}.html",
        "answer_html": "Đạt <strong>47,3 %</strong>", "status": "push", "status_word": "Khó đạt",
        "group": {"vi": "Các chỉ tiêu", "en": "Targets"}, "order": 1, "parameters": {"target": "T1"},
        "as_of": "2025-06-30", "synthetic": True, "failed": False, "reason": "", "stale": False,
    }  # fmt: skip
    return {**base, **changes}
