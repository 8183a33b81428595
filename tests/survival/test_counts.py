"""Counts at risk and events: against counting by hand, added up over partitions, here and on other processes."""

from __future__ import annotations

import functools
import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet as pq
import pytest
from made import same_counts

from analysis import careers
from analysis.errors import CareersError
from analysis.survival.partitions import find_partitions, fold_partitions, read_partition

BY = ("sex", "band")


def make_people(seed=0, people=300, first=0):
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 10, people)
    middle = entry + rng.integers(1, 5, people)
    end = middle + rng.integers(1, 8, people)
    early = pd.DataFrame(
        {"person_id": np.arange(people) + first, "start": entry, "stop": middle, "event": 0, "band": "a"}
    )
    late = pd.DataFrame({"person_id": np.arange(people) + first, "start": middle, "stop": end,
                         "event": rng.integers(0, 4, people), "band": rng.choice(["a", "b"], people)})  # fmt: skip
    sex = rng.choice(["f", "m"], people)
    frame = pd.concat([early, late]).sort_values(["person_id", "start"], ignore_index=True)
    return frame.assign(
        sex=sex[frame["person_id"] - first], weight=rng.uniform(0, 2, people)[frame["person_id"] - first]
    )


def count_by_hand(frame, pattern, at, weights=None):
    rows = frame[(frame["sex"] == pattern["sex"]) & (frame["band"] == pattern["band"])]
    weight = rows[weights] if weights else 1
    return (((rows["start"] < at) & (at <= rows["stop"])) * weight).sum()


@pytest.mark.parametrize("weights", [None, "weight"])
def test_counts_are_those_made_by_hand(weights):
    """Numbers at risk and events are those that a reader counts."""
    frame = make_people()
    counts = careers.count_spells(frame, BY, weights=weights)
    assert (counts.rows, counts.people) == (600, 300)
    table, events = counts.at_risk(), counts.events[2].toarray()
    for row, pattern in counts.patterns.iterrows():
        for column, at in enumerate(counts.times):
            assert table[row, column] == pytest.approx(count_by_hand(frame, pattern, at, weights), abs=1e-9)
        ended = frame[(frame["sex"] == pattern["sex"]) & (frame["band"] == pattern["band"]) & (frame["event"] == 2)]
        assert events[row].sum() == pytest.approx((ended[weights] if weights else pd.Series(1, ended.index)).sum())
    seen = counts.people_by.set_index(["column", "level"])
    assert seen.loc[("band", "a"), "people"] == frame[frame["band"] == "a"]["person_id"].nunique()
    assert seen.loc[("", ""), "event_3"] == (frame["event"] == 3).sum()


def test_people_who_come_back_to_a_level_and_unsorted_rows_count_once():
    """People are counted, not rows, whatever the order of the rows."""
    frame = pd.DataFrame({"person_id": [1, 1, 1, 2], "start": [0, 2, 4, 0], "stop": [2, 4, 6, 9], "event": [1, 0, 1, 1],
                          "band": ["a", "b", "a", "a"]})  # fmt: skip
    for rows in (frame, frame.iloc[[2, 3, 0, 1]]):
        seen = careers.count_spells(rows, ["band"]).people_by.set_index(["column", "level"])
        assert seen.loc[("band", "a"), ["people", "event_1"]].tolist() == [2, 2]
        assert seen.loc[("", ""), ["people", "event_1"]].tolist() == [2, 2]


def test_a_cut_row_counts_as_one():
    """Cutting a spell in two changes no count."""
    frame = make_people().query("stop - start > 1")
    early, late = frame.assign(stop=frame["start"] + 1, event=0), frame.assign(start=frame["start"] + 1)
    whole, cut = careers.count_spells(frame, BY), careers.count_spells(pd.concat([early, late]), BY)
    assert (whole.at_risk() == cut.at_risk()).all() and (whole.change != cut.change).nnz == 0


def test_times_that_are_no_whole_numbers_and_patterns_that_do_not_reduce():
    """Days, fractions and a pattern a row count as months do."""
    frame = make_people()
    plain = careers.count_spells(frame, BY)
    shifted = careers.count_spells(frame.assign(start=frame["start"] / 7, stop=frame["stop"] / 7), BY)
    assert (plain.at_risk() == shifted.at_risk()).all()
    rng = np.random.default_rng(1)
    wide = frame.assign(x=rng.normal(size=600), start=frame["start"] * 365.25, stop=frame["stop"] * 365.25)
    counts = careers.count_spells(wide, ["x", *BY])
    assert len(counts.patterns) == 600 and counts.change.nnz <= 1200


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "uint32", "int64", "Int64", "float32", "float64"])
def test_numbers_of_any_width_count_alike(kind):
    """The width in which numbers are stored changes no count."""
    frame = make_people().assign(age=lambda d: d["person_id"] % 101 * 2)
    shift = 0 if "u" in kind else -100
    wide = frame.assign(start=frame["start"] * 11 + shift, stop=frame["stop"] * 11 + shift, age=frame["age"] + shift)
    narrow = wide.astype(
        {"start": kind, "stop": kind, "age": kind} if "8" not in kind or "u" in kind else {"age": kind}
    )
    one, two = careers.count_spells(wide, ["age"]), careers.count_spells(narrow, ["age"])
    assert (one.at_risk() == two.at_risk()).all() and (one.times == two.times).all()
    assert (one.patterns["age"].to_numpy() == two.patterns["age"].to_numpy()).all()


def test_numbers_far_from_zero_keep_their_values():
    """Large numbers do not overflow where they are coded."""
    counts = careers.count_spells(make_people().assign(born=lambda d: d["person_id"] % 3 + 10**12), ["born"])
    assert counts.patterns["born"].tolist() == [10**12, 10**12 + 1, 10**12 + 2]


def test_narrow_times_on_both_sides_of_zero():
    """Times before the origin are times."""
    frame = pd.DataFrame({"person_id": [1, 2], "start": [-120, -5], "stop": [120, 100], "event": [1, 0]})
    one = careers.count_spells(frame, weights=None)
    two = careers.count_spells(frame.astype({"start": "int8", "stop": "int8", "event": "int8"}))
    assert same_counts(one, two) and two.at_risk().tolist() == [[0, 1, 2, 1]]


@pytest.fixture
def folder(tmp_path):
    for part in range(6):
        make_people(part, 200, 1000 * part).to_parquet(tmp_path / f"part_{part}.parquet")
    return tmp_path


def whole_of(folder, **asked):
    return careers.count_spells(pd.concat(map(pd.read_parquet, sorted(folder.glob("*")))), BY, **asked)


@pytest.mark.parametrize("weights", [None, "weight"])
def test_a_folder_of_partitions_counts_as_one_frame(folder, weights):
    """People spread over files, counted in any number of processes, count as in one frame."""
    whole = whole_of(folder, weights=weights)
    assert same_counts(careers.count_spells(folder, BY, weights=weights), whole)
    with ProcessPoolExecutor(2) as pool:
        assert same_counts(careers.count_spells(folder, BY, weights=weights, executor=pool), whole)


@pytest.mark.parametrize("weights", [None, "weight"])
def test_a_partition_with_other_levels_and_times_still_adds_up(folder, weights):
    """Files that lack a level or a time do not shift the others."""
    make_people(9, 50, 9000).assign(
        sex="x", start=lambda d: d["start"] + 0.5, stop=lambda d: d["stop"] + 0.5
    ).to_parquet(folder / "part_9.parquet")
    counts, whole = careers.count_spells(folder, BY, weights=weights), whole_of(folder, weights=weights)
    assert same_counts(counts, whole) and counts.weight_sums == (weights and pytest.approx(whole.weight_sums))
    assert all((counts.happened[event] != whole.happened[event]).nnz == 0 for event in whole.events)
    keys = ["column", "level"]
    pd.testing.assert_frame_equal(*(one.people_by.sort_values(keys, ignore_index=True) for one in (counts, whole)))


KINDS = {
    "plain": {"n8": np.arange(9, dtype="int8"), "u32": np.arange(9, dtype="uint32"), "x": np.linspace(0, 1, 9),
              "yes": np.arange(9) > 3, "band": pd.Categorical(list("aabbccaab"), list("cbaz"), ordered=True)},
    "numbered levels": {"band": pd.Categorical([5, 3, 5], [5, 3])},
    "many levels": {"band": pd.Categorical([f"u{place}" for place in range(300)])},
    "text": {"n": [1, 2], "sex": ["f", "m"]},
    "missing level": {"band": pd.Categorical(["a", None])},
    "missing number": {"n": pd.array([1, None], dtype="Int64")},
    "nullable": {"n": pd.array([1, 2], dtype="Int64")},
    "no number": {"x": [1.0, np.nan]},
    "dates": {"day": pd.to_datetime(["2020-01-31", "2021-01-31"])},
    "nothing": {"n": np.zeros(0, dtype="int8"), "x": np.zeros(0)},
}  # fmt: skip


@pytest.mark.parametrize("case", KINDS)
@pytest.mark.parametrize("batch", [2, 1 << 17])
@pytest.mark.parametrize("labels", [None, "r"])
def test_a_partition_is_read_as_pandas_reads_it(case, batch, labels, tmp_path, monkeypatch):
    """The fast reader gives what pandas gives, or leaves the file to it."""
    frame = pd.DataFrame(KINDS[case])
    if labels:
        frame.index = [f"{labels}{place}" for place in range(len(frame))]
    frame.to_parquet(tmp_path / "part.parquet", row_group_size=5)
    monkeypatch.setattr("analysis.survival.partitions.BATCH", batch)
    names = [*reversed(frame.columns)]
    got = read_partition(tmp_path / "part.parquet", [*names, "not there"])
    pd.testing.assert_frame_equal(got, pd.read_parquet(tmp_path / "part.parquet", columns=names))


def test_levels_that_differ_along_a_file_are_put_together(tmp_path, monkeypatch):
    """Categories that change within a file are not mixed up."""
    monkeypatch.setattr("analysis.survival.partitions.BATCH", 2)
    parts = [pd.DataFrame({"band": pd.Categorical(list(levels))}) for levels in ("ab", "bc")]
    tables = [pyarrow.Table.from_pandas(part) for part in parts]
    with pq.ParquetWriter(tmp_path / "part.parquet", tables[0].schema) as file:
        for table in tables:
            file.write_table(table)
    assert read_partition(tmp_path / "part.parquet", ["band"])["band"].tolist() == list("abbc")


def test_refusals(tmp_path):
    """What cannot be counted or added is refused by name."""
    with pytest.raises(CareersError, match="no Parquet file"):
        careers.count_spells(tmp_path, BY)
    with pytest.raises(CareersError, match="no partitions"):
        fold_partitions([], len)
    frame = make_people()
    frame.loc[3, "stop"] = -1
    frame.to_parquet(tmp_path / "bad.parquet")
    with pytest.raises(CareersError, match=r"stop: stop is not after start.*1 rows; first labels: 3"):
        careers.count_spells(tmp_path, BY)
    with pytest.raises(CareersError, match=r"lacks the columns \['nothing'\]"):
        careers.count_spells(tmp_path, ["nothing"])


def count_slowly(path, gate):
    """Count a partition; the worker that first takes the third one dies in the middle of it."""
    time.sleep(0.1)
    if path.name == "part_2.parquet" and not gate.exists():
        gate.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return careers.count_spells(pd.read_parquet(path), BY)


def test_a_cluster_that_loses_a_worker_gives_the_same(folder, tmp_path_factory):
    """A lost worker costs time, never people."""
    distributed = pytest.importorskip("distributed", reason="dask[distributed] is not installed (extra: cluster)")
    gate = tmp_path_factory.mktemp("gate") / "killed"
    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**settings) as cluster, distributed.Client(cluster) as client:
        counts = fold_partitions(find_partitions(folder), functools.partial(count_slowly, gate=gate), client)
        assert gate.exists() and int(gate.read_text()) != os.getpid()
        assert same_counts(counts, whole_of(folder))
        assert same_counts(careers.count_spells(folder, BY, executor=client), counts)
