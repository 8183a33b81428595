import pytest
from made_pages import SITE, entry

from analysis.errors import PublishingError
from analysis.publishing.pages.site import build_site, write_text


def homes(folder, *entries):
    written = build_site(list(entries), folder, site=SITE)
    assert [path.relative_to(folder).as_posix() for path in written] == ["index.html", "en/index.html"]
    return [path.read_text(encoding="utf-8") for path in written]


def test_each_language_has_its_home_and_links_to_the_other(tmp_path):
    vi, en = homes(tmp_path, entry(), entry(lang="en", title="Target one", status_word="Needs a push"))
    assert '<html lang="vi">' in vi and "<h1>Đào tạo</h1>" in vi and "Lời mở." in vi
    assert 'href="vi/40-t1.html"' in vi and 'href="en/index.html"' in vi and "Target one" not in vi
    assert '<html lang="en">' in en and "Target one" in en and "An opening." in en
    assert 'href="40-t1.html"' in en and 'href="../index.html"' in en
    assert "30/06/2025" in vi and "30 June 2025" in en
    assert "Số liệu mô phỏng, không phải số liệu thật" in vi and "Synthetic data, not real" in en


def test_cards_follow_the_plan_and_carry_their_answers(tmp_path):
    later = entry("b", order=2, group="Tác dụng", answer_html="Có<script>x</script>")
    vi, _ = homes(tmp_path, later, entry("c", order=1), entry("a", order=3))
    assert vi.index("Chỉ tiêu c") < vi.index("Chỉ tiêu a") < vi.index("Chỉ tiêu b")
    assert vi.index("Các chỉ tiêu") < vi.index("Tác dụng") and "<script" not in vi
    assert vi.count('class="status effort"') == 3 and "Đạt <strong>47,3 %</strong>" in vi


def test_a_failed_run_is_told_and_an_earlier_page_is_labelled(tmp_path):
    lost = entry("lost", failed=True, reason="Dừng <ở> bước nạp.", html_path="")
    kept = entry("kept", failed=True, stale=True, reason="Hết giờ.")
    vi, _ = homes(tmp_path, lost, kept, entry("fine"), entry("never", html_path=""))
    assert "Chỉ tiêu never</strong>: chưa chạy." in vi
    assert 'href="vi/lost.html"' not in vi and "Dừng &lt;ở&gt; bước nạp." in vi and "Chưa có trang nào." in vi
    assert 'href="vi/kept.html"' in vi and "Trang cũ, số liệu tính đến ngày 30/06/2025" in vi
    assert vi.count('class="card ') == 2


def test_a_long_group_is_a_short_list_and_settings_are_told_apart(tmp_path):
    units = [entry(f"u{n}", parameters={"unit_id": f"U{n}", "min_cell": 10}) for n in range(13)]
    vi, _ = homes(tmp_path, *units)
    assert "cards-grid compact" in vi and "47,3" not in vi
    assert "<code>unit_id = U7</code>" in vi and "min_cell" not in vi


def test_real_data_have_no_ribbon_and_an_empty_site_still_stands(tmp_path):
    vi, en = homes(tmp_path, entry(synthetic=False))
    assert "ribbon" not in vi[vi.index("<body>") :] and "theo hồ sơ" in vi
    assert "<h1>Training</h1>" in en


def test_an_entry_needs_only_its_place_and_name(tmp_path):
    bare = {"slug": "x", "lang": "vi", "title": "X", "html_path": "vi/x.html"}
    vi, _ = homes(tmp_path, bare)
    assert 'href="vi/x.html"' in vi


@pytest.mark.parametrize(
    "changes",
    [
        {"html_path": "../x.html"},
        {"html_path": "/etc/x.html"},
        {"lang": "fr"},
        {"status": "great"},
    ],
)
def test_refuses_an_entry_it_cannot_show(tmp_path, changes):
    with pytest.raises(PublishingError, match="40-t1"):
        build_site([entry(**changes)], tmp_path, site=SITE)
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = write_text(tmp_path / "vi" / "x.html", "cũ")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "mới \ud800")
    assert path.read_text(encoding="utf-8") == "cũ"
    assert [item.name for item in path.parent.iterdir()] == ["x.html"]
