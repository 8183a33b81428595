"""A file is there whole or as it was before."""

from __future__ import annotations

import pytest

from analysis.publishing.batch.files import write_text


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    """A reader never meets half a page, and a failed write leaves nothing lying about."""
    path = write_text(tmp_path / "vi" / "x.html", "cũ")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "mới \ud800")
    assert path.read_text(encoding="utf-8") == "cũ"
    assert [item.name for item in path.parent.iterdir()] == ["x.html"]
