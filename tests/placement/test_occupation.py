"""State occupation: plain shares where nobody is lost, against resampling, and against a walk month by month."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from walk import FIVE, made_by, rows_by_person, state_at, walk, ym

from analysis import placement
from analysis.placement.occupation import aalen_johansen
from analysis.placement.sent import STATES


def some_paths(people=300, months=24, seed=1):
    """People who move through the states at random, seen for different times."""
    rng = np.random.default_rng(seed)
    moves = np.full((len(STATES), len(STATES)), 0.02) + 0.86 * np.eye(len(STATES))
    paths = np.zeros((people, months + 1), dtype=int)
    for month in range(1, months + 1):
        paths[:, month] = [
            rng.choice(len(STATES), p=moves[state] / moves[state].sum()) for state in paths[:, month - 1]
        ]
    return paths, rng.integers(3, months + 1, people)


def test_where_nobody_is_lost_it_is_the_plain_share():
    """Protects: without censoring shares and errors are those of proportions, exactly."""
    paths, _ = some_paths()
    shares, influence = aalen_johansen(paths, np.full(len(paths), 24), [6, 24])
    for place, month in enumerate((6, 24)):
        plain = np.bincount(paths[:, month], minlength=len(STATES)) / len(paths)
        np.testing.assert_allclose(shares[place], plain, atol=1e-12)
        np.testing.assert_allclose((influence[place] ** 2).sum(axis=0), plain * (1 - plain) / len(paths), atol=1e-12)


def test_states_sum_to_one():
    """Protects: whoever started is somewhere, at every horizon, and errors know it."""
    paths, seen = some_paths()
    shares, influence = aalen_johansen(paths, seen, range(1, 25))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(influence.sum(axis=2), 0, atol=1e-12)


def test_influences_are_those_of_leaving_people_out():
    """Protects: errors by person, against leaving out one of many copies of each."""
    paths, seen = some_paths(people=60)
    many, long = np.tile(paths, (40, 1)), np.tile(seen, 40)
    whole, influence = aalen_johansen(many, long, [12])
    for person in range(0, len(paths), 7):
        keep = np.arange(len(many)) != person
        without, _ = aalen_johansen(many[keep], long[keep], [12])
        np.testing.assert_allclose((whole - without)[0], influence[0, person], rtol=0.05, atol=2e-7)


@pytest.mark.parametrize("name", FIVE)
def test_observed_counts_are_those_of_walking(name):
    """Protects: who is followed for so many months, and in which state, on registries made by five other means."""
    reg = made_by(name)
    rows = placement.follow_sent(reg, since="2019-01-01", horizons=[12, 24]).table
    training = rows_by_person(reg, "training")
    told = walk(reg, "postgraduate", date(2019, 1, 1))
    people = [person for person, courses in training.items()
              if any(c["kind"] == "postgraduate" and c["started"] and ym(c["started"]) >= 2019 * 12 + 1 for c in courses)]  # fmt: skip
    last = ym(reg.as_of)
    for month in (12, 24):
        states = []
        for person, one in zip(people, told, strict=True):
            mine = [c for c in training[person] if c["kind"] == "postgraduate" and c["started"]]
            if one["start"] + month <= last:
                states.append(state_at(one, mine, one["start"] + month))
        for row in rows[rows["time"].eq(month)].itertuples():
            assert (row.n, row.n_event) == (len(states), states.count(row.term)), (month, row.term)


def test_merged_states_keep_the_whole():
    """Protects: without the fine states a move counts as completed and a key post as higher."""
    reg = made_by("a world of many posts")
    fine, rough = (
        placement.follow_sent(reg, since="2019-01-01", horizons=[36], fine=one).table.set_index("term")["n_event"]
        for one in (True, False)
    )
    assert rough["completed"] == fine["completed"] + fine["moved"] and rough["higher"] == fine["higher"] + fine["key"]
    assert not {"moved", "key"} & set(rough.index)
