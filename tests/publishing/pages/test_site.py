"""The home pages: cards in the plan's order, failures told, old pages labelled, nothing that the site cannot show."""

from __future__ import annotations

import pytest
from made_pages import SITE, entry, payload

from analysis.errors import PublishingError
from analysis.publishing.pages.site import build_home


def homes(*entries):
    return [build_home(entries, lang, SITE) for lang in ("vi", "en")]


def test_each_language_has_its_home_and_links_to_the_other():
    """A reader changes the language where he stands."""
    vi, en = homes(
        entry(), entry(lang="en", title="Target one", answer={"html": "Met", "status": "met", "status_word": "Met"})
    )
    assert '<html lang="vi">' in vi and "<h1>Đào tạo</h1>" in vi and "Lời mở." in vi
    assert 'href="vi/40-t1.html"' in vi and 'href="en/index.html"' in vi and "Target one" not in vi
    assert '<html lang="en">' in en and "Target one" in en and "An opening." in en
    assert 'href="40-t1.html"' in en and 'href="../index.html"' in en
    assert "30/06/2025" in vi and "30 June 2025" in en
    assert "Số liệu mô phỏng, không phải số liệu thật" in vi and "Synthetic data, not real" in en


def test_cards_follow_the_plan_and_carry_their_answers():
    """The plan says what stands first, and an answer is text, never markup that runs."""
    later = entry(
        "b",
        order=2,
        group="Tác dụng",
        answer={"html": "Có<script>x</script>", "status": "push", "status_word": "Khó đạt"},
    )
    vi, _ = homes(
        later,
        entry("c", order=1),
        entry("a", order=3, answer={"html": "Khác", "status": "push", "status_word": "Khó đạt"}),
    )
    assert vi.index("Chỉ tiêu c") < vi.index("Chỉ tiêu a") < vi.index("Chỉ tiêu b")
    assert vi.index("Các chỉ tiêu") < vi.index("Tác dụng") and "<script" not in vi
    assert vi.count('class="status effort"') == 3 and "Đạt <strong>47,3%</strong>" in vi


def test_a_failed_run_is_told_and_an_earlier_page_is_labelled():
    """What failed is said with its reason; an older page is not taken for a new one."""
    lost = entry("lost", failed=True, reason="Dừng <ở> bước nạp.", stands=False)
    kept = entry("kept", failed=True, stale=True, reason="Hết giờ.")
    vi, _ = homes(lost, kept, entry("fine"), entry("never", stands=False))
    assert "Chỉ tiêu never</strong>: chưa chạy." in vi
    assert 'href="vi/lost.html"' not in vi and "Dừng &lt;ở&gt; bước nạp." in vi and "Chưa có trang nào." in vi
    assert 'href="vi/kept.html"' in vi and "Trang cũ, số liệu tính đến ngày 30/06/2025" in vi
    assert vi.count('class="card ') == 2


def test_a_long_group_is_a_short_list():
    """A hundred units are a list of names and states."""
    units = [entry(f"u{n}") for n in range(13)]
    vi, _ = homes(*units)
    assert "cards-grid compact" in vi and "47,3" not in vi


def test_no_card_repeats_another():
    """Each card says the first line of its answer that none before it has said."""
    both = {"html": "Tất cả.<br>T1: chưa.", "status": "missed", "status_word": "Không đạt"}
    vi, _ = homes(
        entry("all", order=1, answer=both),
        entry("again", order=2, answer=both),
        entry("t1", order=3, answer={**both, "html": "T1: chưa."}),
    )
    assert vi.count("Tất cả.") == vi.count("T1: chưa.") == 1
    assert vi.index("again.html") < vi.index("T1: chưa.") < vi.index("t1.html")


def test_a_card_does_not_end_where_its_answer_begins():
    """A first line that only leads to the next ones is said with them."""
    answer = {"html": "Đến 2030:<br>T1: 17.<br>T2: 66.", "status": "usable", "status_word": "Dùng được"}
    vi, _ = homes(entry("all", answer=answer))
    assert "Đến 2030: T1: 17.; T2: 66." in vi


def test_the_home_page_opens_with_the_targets_and_the_claim():
    """One picture, then the claim with its verdict, then the ways on, in which the claim's page has no card of its own."""
    claim = {"html": "Trong 36 tháng …", "status": "not_distinguishable", "status_word": "Chưa đủ căn cứ"}
    pages = [entry("targets"), entry("effect", answer=claim, group="Khác")]
    picture = payload("attainment.bullets", "where", lead=True)
    vi = build_home(pages, "vi", {**SITE, "claim": "effect"}, picture)
    marks = ['id="where"', 'class="claim none"', "Trong 36 tháng …", "targets.html"]
    places = [vi.index(mark) for mark in marks]
    assert places == sorted(places) and vi.count("effect.html") == 1 and vi.count('class="card ') == 1
    assert vi.count('class="plate ') == 2 and 'href="#DejaVu' in vi


def test_a_page_of_another_day_says_so():
    """A forecast made of older data carries its day; what is as new as the site needs none."""
    vi, _ = homes(entry("new"), entry("old", as_of="2023-12-31"))
    assert vi.count("Tính từ số liệu đến ngày 31/12/2023") == 1 and vi.count("Tính từ số liệu") == 1


def test_real_data_have_no_ribbon_and_an_empty_site_still_stands():
    """The ribbon is for synthetic data only."""
    vi, en = homes(entry(synthetic=False))
    assert "ribbon" not in vi[vi.index("<body>") :] and "theo hồ sơ" in vi
    assert "<h1>Training</h1>" in en


@pytest.mark.parametrize("changes", [{"slug": "../x"}, {"slug": "/etc/x"}, {"lang": "fr"}])
def test_refuses_an_entry_it_cannot_show(changes):
    """A name that leads out of the site, or a language that it does not speak, makes no card."""
    with pytest.raises(PublishingError):
        entry(**changes)


def test_a_failed_forced_run_hides_no_good_page():
    """A run that was made again though nothing had changed, and failed: its good page stays open, labelled."""
    vi, _ = homes(entry("kept", failed=True, reason="Hết giờ."))
    assert (
        'href="vi/kept.html"' in vi and "lượt chạy mới nhất không thành công" in vi and "Chưa có trang nào." not in vi
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"stale": True}, "đầu vào đã thay đổi từ đó"),
        ({"failed": True, "reason": "Hết giờ."}, "lượt chạy mới nhất không thành công"),
        ({"as_of": "2023-12-31"}, "Tính từ số liệu đến ngày 31/12/2023"),
        ({}, ""),
    ],
)
def test_an_old_picture_and_an_old_claim_are_labelled(state, said):
    """What stands first on the site is not taken for new where its run is old, stale or failed."""
    claim = {"html": "Trong 36 tháng …", "status": "not_distinguishable", "status_word": "Chưa đủ căn cứ"}
    pages = [entry("targets", **state), entry("effect", answer=claim, **state), entry("new")]
    asked = {**SITE, "claim": "effect", "picture": "targets"}
    vi = build_home(pages, "vi", asked, payload("attainment.bullets", "where", lead=True))
    figure, after = vi.split("</figure>", 1)[1].split('<section class="claim', 1)
    told = [
        part.count('class="stale"') + part.count("Tính từ số liệu") for part in (figure, after.split("</section>")[0])
    ]
    assert told == ([1, 1] if state else [0, 0])
    assert said in figure and said in after.split("</section>")[0]
