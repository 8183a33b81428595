"""Who may rise out of a group is told from the grade held and for how long, not from a rate over all its members."""

from __future__ import annotations

import numpy as np
import pandas as pd
from groups import group

from analysis.reference import last_value
from analysis.targets.events import exceptional_months
from analysis.targets.outlook.ahead import look_ahead
from analysis.targets.outlook.ladder import find_ladder
from analysis.targets.outlook.panel import intake_season, watch_groups
from analysis.targets.outlook.rates import count_history, draw_rates

DAYS = pd.date_range("2021-12-31", "2023-12-31", freq="ME")
TARGETS = ("T2", "T4")


def division(person: str, grade: int, started: str = "2018-01-01", **row) -> dict:
    return {"person_id": person, "division_leader": True, "grade": grade, "started": started, **row}


def risen(person: str, month: str) -> list[dict]:
    """A division leader of the highest grade until a month, then a cadre managed by the Standing Committee."""
    return [division(person, 3, ended=month), {"person_id": person, "standing_committee_managed": True, "grade": 4,
                                               "started": month}]  # fmt: skip


def ladder_world():
    posts = [row for one in range(4) for row in risen(f"P{one}", f"2022-0{one + 3}-01")]
    posts += [division(f"Q{one}", 3) for one in range(20)] + [division(f"R{one}", 1) for one in range(60)]
    posts += [division(f"S{one}", 3, started="2023-10-01") for one in range(20)]
    return group({}, posts=posts, as_of="2023-12-31")


def test_the_ladder_is_found_where_people_pass():
    """T4 loses members to T2 in the same month; rungs count from its highest grade, the wait from the day it was reached."""
    panel = watch_groups(ladder_world(), TARGETS, DAYS)
    ladder, place = panel.ladder, panel.people.get_indexer(["Q1", "R1", "S1"])
    assert ladder.group == 1 and ladder.wait == last_value("appointment", "months_in_post", DAYS[-1]) == 24
    assert ladder.rung[place, -1].tolist() == [0, 2, 0]
    now = int(panel.months[-1])
    assert ladder.stratum(-1, now)[place].tolist() == [1, 5, 0]


def test_a_group_that_feeds_none_has_no_ladder():
    """Nobody passes: everyone is alike, and nothing of a ladder is kept."""
    panel = watch_groups(group({}, posts=[division("P1", 1)], as_of="2023-12-31"), TARGETS, DAYS)
    assert panel.ladder.group == -1 and panel.recent(3).ladder.group == -1
    assert find_ladder((), panel.people, DAYS, panel.member[:0], ()).group == -1


def test_rises_are_counted_where_they_happen():
    """Four of the highest grade and long in it rose: the rate is theirs alone, and all who left passed on."""
    panel = watch_groups(ladder_world(), TARGETS, DAYS)
    history = count_history(panel)
    assert history.seen["climb"].events[1].sum() == 4 and history.seen["climb"].events.sum() == 4
    assert history.seen["pass"].events[1, 0] == history.seen["pass"].exposure[1, 0] == 4
    skipped = count_history(panel, elections=[{627}, {627}])
    assert skipped.seen["pass"].events[1, 0] == skipped.seen["pass"].exposure[1, 0], (
        "a month left out is left out of both"
    )
    rates = (
        draw_rates(history, 400, np.random.default_rng(1), prior_events=1).monthly["climb"].mean(axis=1).reshape(6, 3)
    )
    assert rates[1, 0] > 4 * rates[0, 0] and rates[1, 0] > 4 * rates[5, 0]


def test_those_who_have_just_come_wait():
    """Within the wait only those long in the highest grade rise: newcomers to it and lower rungs stay."""
    panel = watch_groups(ladder_world(), TARGETS, DAYS)
    ahead = look_ahead(panel, pd.Timestamp("2025-06-30"), draws=400, seed=2)
    rows, cells = panel.people[panel.present], ahead.paths.final
    rose = pd.Series((cells & 1).mean(axis=1), index=rows)
    long, fresh, low = (rose[rose.index.str.startswith(letter)].mean() for letter in "QSR")
    assert long > 0.1 and fresh < 0.3 * long and low < 0.3 * long


def test_courses_begin_in_intakes():
    """Starts in April and October alone: those months carry the year's rate, the others next to nothing; mean one."""
    training = [{"person_id": f"P{one}", "started": f"2022-{4 if one % 2 else 10:02d}-05"} for one in range(1, 60)]
    season = intake_season(group(60, training=training, as_of="2023-12-31"))
    assert abs(season.mean() - 1) < 1e-12 and season[3] > 4 and season[9] > 4 and season[0] < 0.5
    assert (intake_season(group(2, as_of="2023-12-31")) == 1).all()


def test_a_wave_of_departures_tells_no_rate_to_come():
    """Half of the group leaves in the months of the wave: the rates of the months before stand."""
    posts = [division(f"P{one}", 2, **({"ended": "2025-03-10"} if one % 2 else {})) for one in range(40)]
    exits = [{"person_id": f"P{one}", "exited": "2025-03-10", "reason": "resignation"} for one in range(40) if one % 2]
    reg = group({}, posts=posts, exits=exits, as_of="2025-06-30")
    panel = watch_groups(reg, ("T4",), pd.date_range("2023-06-30", "2025-06-30", freq="ME"))
    assert count_history(panel).seen["quit"].events.sum() == 20
    seen = count_history(panel, skip=exceptional_months())
    assert seen.seen["quit"].events.sum() == 0 and seen.seen["quit"].exposure.sum() == 17 * 40
