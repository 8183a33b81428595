"""The home pages: cards in the plan's order, failures told, old pages labelled, nothing that the site cannot show."""

from __future__ import annotations

import pytest
from made_pages import SITE, entry

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
    vi, _ = homes(later, entry("c", order=1), entry("a", order=3))
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


def test_a_long_group_is_a_short_list_and_settings_are_told_apart():
    """A hundred units are a list; what sets pages apart is told, what they share is not."""
    units = [entry(f"u{n}", parameters={"unit_id": f"U{n}", "min_cell": 10}) for n in range(13)]
    vi, _ = homes(*units)
    assert "cards-grid compact" in vi and "47,3" not in vi
    assert "<code>unit_id = U7</code>" in vi and "min_cell" not in vi


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
