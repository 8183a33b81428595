"""The synthetic province keeps the contract, its own calibration and its own truth."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis import reference
from analysis.errors import RegistryError
from analysis.registry.contract import TABLES
from analysis.registry.retirement import retirement_dates
from analysis.synthetic import simulate, write
from analysis.synthetic.chances import thresholds
from analysis.synthetic.paper.certificates import _given
from analysis.synthetic.parameters import NO_EFFECT, Settings, digest, month
from analysis.synthetic.planted import cache_file, keep, planted_risk_differences, planted_truth
from analysis.synthetic.population import retirement_month
from analysis.synthetic.world import create

EXTRACT = pd.Timestamp("2025-06-30")
POSTGRADUATE = ["master", "doctor", "specialist_1", "specialist_2"]
DATES = {
    "people": ["recruited", "party_joined"],
    "posts": ["started", "ended"],
    "seats": ["started", "ended"],
    "training": ["nominated", "started", "ended"],
    "qualifications": ["awarded"],
    "planning": ["started", "ended"],
    "discipline": ["started", "ended"],
    "exits": ["exited"],
}


@pytest.fixture(scope="module")
def province():
    return simulate(3_000, seed=7)


@pytest.fixture(scope="module")
def tables(province):
    return province.tables


def held(rows, day):
    day = pd.Timestamp(day)
    return rows[(rows["started"] <= day) & ~(rows["ended"] <= day)]


def test_tables_and_columns_are_the_contract(tables):
    """The invented registry has the tables and columns of a real one."""
    assert list(tables) == list(TABLES)
    for name, table in TABLES.items():
        extra = set(tables[name].columns) - set(table.names())
        assert set(table.names()) <= set(tables[name].columns), name
        assert all(column.endswith("_precision") for column in extra), (name, extra)


@pytest.mark.parametrize("name", TABLES)
def test_types_codes_and_empty_cells(tables, name):
    """Types, codes and empty cells are those that the contract allows."""
    rows = tables[name]
    assert len(rows)
    for column in TABLES[name].columns:
        values = rows[column.name]
        if column.filled:
            assert values.notna().all(), column.name
        if column.codes:
            assert set(values.dropna().unique()) <= set(column.codes), column.name
        kinds = {"date": "datetime64[ms]", "bool": "bool", "int": "int64", "text": "str", "code": "str"}
        assert str(values.dtype) == kinds.get(column.kind, "float64"), column.name


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_unique(tables, name):
    """No row is written twice."""
    assert not tables[name].duplicated(list(TABLES[name].key)).any()


def test_every_id_is_known(tables):
    """Rows name people and units that are there."""
    people, units = tables["people"]["person_id"], tables["units"]["unit_id"]
    for name, rows in tables.items():
        if "person_id" in rows:
            assert rows["person_id"].isin(people).all(), name
        for column in {"unit_id", "parent_id", "successor_id"} & set(rows.columns):
            assert rows[column].dropna().isin(units).all(), (name, column)


@pytest.mark.parametrize("name", ["posts", "seats", "training", "planning", "discipline"])
def test_started_is_before_ended(tables, name):
    """States last some time."""
    rows = tables[name]
    assert (rows["started"] < rows["ended"])[rows["started"].notna() & rows["ended"].notna()].all()


@pytest.mark.parametrize("name", DATES)
def test_nothing_before_sixteen_after_the_exit_or_after_the_extract(tables, name):
    """Nobody works as a child, after leaving or in the future."""
    rows = tables[name]
    people = tables["people"].set_index("person_id")
    adult = rows["person_id"].map(people["birth_date"]) + pd.DateOffset(years=16)
    gone = rows["person_id"].map(tables["exits"].set_index("person_id")["exited"])
    for column in DATES[name]:
        assert not (rows[column] < adult).any(), column
        assert not (rows[column] > EXTRACT).any(), column
        after = rows[column] > gone if column in ("ended", "exited") else rows[column] >= gone
        assert not after.any(), column
    if name in ("posts", "seats", "planning"):
        assert not (rows["ended"].isna() & gone.notna()).any()


def test_one_post_at_a_time(tables):
    """Main posts follow each other without overlap."""
    posts = tables["posts"]
    posts = posts[~posts["concurrent"]].sort_values(["person_id", "started"])
    again = posts["person_id"].eq(posts["person_id"].shift())
    before = posts["ended"].shift()
    assert not (again & (before.isna() | (posts["started"] < before))).any()
    assert posts["person_id"].nunique() == len(tables["people"])


def test_awards_follow_the_start_of_their_course(tables):
    """A degree comes after the course that leads to it."""
    done = tables["training"].query("outcome == 'completed'")
    done = done[done["level"].isin(POSTGRADUATE)]
    both = tables["qualifications"].merge(done, on=["person_id", "level"])
    assert len(both)
    assert (both["awarded"] > both["started"]).all()


def test_nobody_is_planned_after_retirement_age(tables):
    """Planning lists hold nobody past the age."""
    people = tables["people"].set_index("person_id")
    born = people["birth_date"].dt.year * 12 + people["birth_date"].dt.month - 1 - 1970 * 12
    retires = pd.Series(retirement_month(born.to_numpy(), people["sex"].eq("female").to_numpy()), index=people.index)
    planning = tables["planning"]
    started = planning["started"].dt.year * 12 + planning["started"].dt.month - 1 - 1970 * 12
    assert (started <= planning["person_id"].map(retires)).all()


def test_units_are_a_tree_and_valid_while_a_post_is_held(tables):
    """Units have one top and exist while somebody works in them."""
    units = tables["units"].set_index("unit_id")
    above = units["parent_id"]
    for _ in range(4):
        above = above.map(units["parent_id"])
    assert above.isna().all()
    posts = tables["posts"].join(units[["valid_from", "valid_to"]], on="unit_id")
    assert (posts["started"] >= posts["valid_from"]).all()
    assert not (posts["started"] >= posts["valid_to"]).any()
    assert not (posts["ended"] > posts["valid_to"]).any()
    assert not (posts["ended"].isna() & (posts["valid_to"] <= EXTRACT)).any()


def test_courses_say_how_they_stand(tables):
    """Ends, outcomes and open courses agree with each other."""
    courses = tables["training"]
    never = courses["started"].isna()
    assert courses.loc[never, "nominated"].notna().all()
    assert set(courses.loc[never, "outcome"].dropna()) == {"not_started"}
    assert courses.loc[courses["outcome"].isin(["completed", "dropped", "suspended"]), "ended"].notna().all()
    assert not (courses["nominated"] > courses["started"]).any()
    assert {"completed", "dropped", "not_started"} <= set(courses["outcome"].dropna())


def test_nobody_sits_in_two_committees_of_a_level_at_once(tables):
    """A cadre who moves to another district is not elected there while the old seat is held."""
    seats = tables["seats"].query("body == 'district_committee'").sort_values(["person_id", "started"])
    before = seats.groupby("person_id")["ended"].shift()
    again = seats["person_id"].duplicated()
    assert again.any() and not (before[again].isna() | (before > seats["started"])[again]).any()


def test_the_sent_pass_the_gates(tables):
    """Whom the province sends, the decree allowed: its conditions differ by kind of staff."""
    courses = tables["training"].query("kind == 'postgraduate' and funder != 'self'")
    sent = courses[courses["started"] >= "2018-01-01"].join(tables["people"].set_index("person_id"), on="person_id")
    served, posts = sent["started"] - sent["recruited"], tables["posts"].query("not concurrent")
    held_then = posts.sort_values("started")[["person_id", "started", "staff_kind"]]
    kind = pd.merge_asof(sent.sort_values("started"), held_then, on="started", by="person_id")["staff_kind"]
    ours = kind.eq("public_employee").set_axis(sent.sort_values("started").index).reindex(sent.index)
    assert ours.any() and (~ours).any()
    assert (served >= pd.Timedelta(days=12 * 30)).all(), "a year of probation"
    chosen = sent[~ours]
    months = (chosen["started"].dt.year - chosen["birth_date"].dt.year) * 12
    assert (months + chosen["started"].dt.month - chosen["birth_date"].dt.month <= 480).all()
    assert (served[~ours] >= pd.Timedelta(days=36 * 30)).all()
    good = tables["ratings"].query("rating in ['good', 'excellent']").set_index(["person_id", "year"]).index
    for back in (1, 2):
        assert pd.MultiIndex.from_arrays([chosen["person_id"], chosen["started"].dt.year - back]).isin(good).all()
    assert not courses["person_id"][courses["started"].notna()].duplicated().any()


def test_the_freeze_follows_its_dates():
    """Appointments go on until November 2024, are held back from December, nearly stop from March, and so do plans."""
    world = create(1_000, Settings(), np.random.default_rng(1))
    rises = [world.at("promotion", month(day)) for day in ("2024-11", "2024-12", "2025-02", "2025-03", "2025-06")]
    plans = [world.at("planning", month(day)) for day in ("2025-02", "2025-03")]
    assert rises == [1.0, 0.4, 0.4, 0.15, 0.15] and plans == [1.0, 0.15]
    freezes = {event.id: event for event in reference.events() if event.kind == "freeze"}
    assert freezes["freeze_2024"].first == pd.Timestamp("2024-12-01")
    assert freezes["suspension_2025"].first == pd.Timestamp("2025-03-07")


def test_lecturers_are_near_what_was_published(tables):
    """Published: 25 and 26 percent with a postgraduate degree in 2008-10; the province starts near it."""
    teaching = held(tables["posts"].query("teaching"), "2018-12-31")["person_id"]
    degrees = tables["qualifications"].query(
        "level in ['master', 'doctor', 'specialist_1'] and awarded <= '2018-12-31'"
    )["person_id"]
    assert 0.15 < teaching.isin(degrees).mean() < 0.40


def test_promotions_climb_one_grade_after_two_years_on_the_list(tables):
    """The planted rules of promotion hold in what was written down."""
    posts = tables["posts"].query("not concurrent").sort_values(["person_id", "started"])
    before = posts.groupby("person_id")[["grade", "started"]].shift()
    rises = posts["decision"].isin(["first_appointment", "higher_appointment"]) & before["grade"].notna()
    assert (posts.loc[rises, "grade"] - before.loc[rises, "grade"] == 1).all()
    assert (posts.loc[~rises & before["grade"].notna(), "grade"] == before["grade"].dropna()[~rises]).all()
    planned = tables["planning"].merge(posts[rises & (posts["grade"] >= 2)], on="person_id", suffixes=("_list", ""))
    listed = planned[(planned["started_list"] <= planned["started"]) & ~(planned["ended_list"] < planned["started"])]
    assert listed[["person_id", "started"]].drop_duplicates().shape[0] == int((rises & (posts["grade"] >= 2)).sum())


def test_heads_and_minorities_at_the_end_of_2023(tables):
    """The public figures that the province is calibrated on come out."""
    now = held(tables["posts"].query("not concurrent"), "2023-12-31").join(
        tables["people"].set_index("person_id"), on="person_id"
    )
    level = now["unit_id"].map(tables["units"].set_index("unit_id")["level"])
    service = now["staff_kind"].eq("public_employee")
    sector = np.select([service, level.eq("commune")], ["service", "commune"], "district_and_up")
    assert len(now) == pytest.approx(3_000, rel=0.02)
    for kind, share in zip(("district_and_up", "commune", "service"), Settings().shares, strict=True):
        assert (sector == kind).sum() == pytest.approx(3_000 * share, rel=0.05)
    assert now["ethnicity"].ne("kinh")[service].mean() == pytest.approx(0.3093, abs=0.04)


def test_same_seed_same_bytes(tmp_path):
    """A seed names one province for ever."""
    prints = []
    for name in ("one", "two"):
        folder = write(simulate(400, seed=3), tmp_path / name)
        prints.append({f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir()})
    assert prints[0] == prints[1]
    assert len(prints[0]) == len(TABLES) + 2
    assert not simulate(400, seed=4).tables["people"].equals(simulate(400, seed=3).tables["people"])


def test_write_replaces_only_what_is_synthetic(tmp_path, province):
    """Real data are never overwritten by invented ones."""
    write(province, tmp_path / "new")
    write(province, tmp_path / "new")
    assert yaml.safe_load((tmp_path / "new" / "registry.yml").read_text(encoding="utf-8"))["synthetic"] is True
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "registry.yml").write_text("synthetic: false\n", encoding="utf-8")
    with pytest.raises(RegistryError, match="not a synthetic registry|không phải"):
        write(province, tmp_path / "real")
    assert [f.name for f in (tmp_path / "real").iterdir()] == ["registry.yml"]
    assert sorted(f.name for f in tmp_path.iterdir()) == ["new", "real"]


def test_the_truth_of_the_default_is_kept():
    """The default province says what was planted, with its risk differences."""
    truth = planted_truth(Settings())
    assert truth["settings_sha256"] == digest(Settings())
    assert truth["risk_differences"][36]["mc_se"] <= 0.0005
    assert truth["risk_differences"][12]["risk_difference"] < 0 < truth["risk_differences"][48]["risk_difference"]


def test_a_truth_not_computed_says_how(province):
    """Other settings carry no number that was computed for the default."""
    other = planted_truth(dataclasses.replace(Settings(), intake=3.0))
    assert other["risk_differences"] is None
    assert "planted_risk_differences" in other["how"]
    assert province.truth["effect"]["first_year"] == Settings().effect.first_year


def test_without_effect_both_futures_are_one():
    """With no planted effect the planted difference is zero to the last digit."""
    truth = planted_risk_differences(dataclasses.replace(Settings(), effect=NO_EFFECT), (12, 36), people=800)
    assert truth[36]["risk_difference"] == 0
    assert truth[36]["risk_start"] > truth[12]["risk_start"] > 0


def test_kept_truth_is_found_again(tmp_path, monkeypatch):
    """A computed truth is filed under exactly its parameters."""
    monkeypatch.setattr("analysis.synthetic.planted.cache_file", lambda: tmp_path / "truth.yml")
    settings = dataclasses.replace(Settings(), intake=2.0)
    kept = keep(settings, people=800)
    assert planted_truth(settings)["risk_differences"] == kept
    assert planted_truth(Settings())["risk_differences"] is None
    assert cache_file().name == "planted_truth.yml"


def test_fixed_vacancies_fix_the_number_of_promotions():
    """With posts fixed one person's gain is another's loss."""
    rng = np.random.default_rng(1)
    base = rng.uniform(0.01, 0.03, 900)
    bands, clock = np.repeat(np.arange(9), 100), rng.exponential(size=900)
    counts = []
    for gain in (1.0, np.where(np.arange(900) % 2, 3.0, 1.0)):
        sizes = thresholds(base, base * gain, bands, clock, np.full(9, 0.5))
        counts.append(np.bincount(bands[clock < base * gain * sizes[bands]], minlength=9))
    assert (counts[0] == counts[1]).all()
    assert counts[0].sum() > 9


def test_retirement_months_follow_the_decree():
    """The simulated retirement age is the decree's."""
    cases = {("1960-01", False): "2020-01", ("1961-01", False): "2021-04", ("1963-06", False): "2024-06",
             ("1966-01", True): "2021-05", ("1974-12", True): "2034-08", ("1980-01", True): "2040-01"}  # fmt: skip
    for (born, female), reached in cases.items():
        assert retirement_month(np.array([month(born)]), np.array([female]))[0] == month(reached), born


@pytest.mark.parametrize("sex", ["female", "male"])
def test_retirement_months_agree_with_the_dated_rules(sex):
    """The simulation and rules.yml do not drift apart."""
    months = np.arange(month("1953-01"), month("2004-01"))
    birth = pd.Series(months.astype("datetime64[M]").astype("datetime64[ms]"))
    first_day_out = retirement_dates(pd.Series([sex] * len(months)), birth).to_numpy().astype("datetime64[M]")
    mine = retirement_month(months, np.full(len(months), sex == "female"))
    assert (first_day_out.astype(int) == mine + 1).all()


@pytest.mark.long
def test_full_province_is_calibrated():
    """The province of 24,000 has the flows that it was calibrated to."""
    tables = simulate(24_000).tables
    exits, posts = tables["exits"], tables["posts"].query("not concurrent")
    stock = held(posts, "2024-12-31")
    gone = stock["person_id"].isin(exits.loc[exits["exited"] >= "2025-01-01", "person_id"])
    assert 0.17 < gone[stock["staff_kind"].ne("public_employee")].mean() < 0.27
    assert gone[stock["staff_kind"].eq("public_employee")].mean() < 0.05
    assert 230 < stock["standing_committee_managed"].sum() < 370
    assert 750 < stock["division_leader"].sum() < 1_050
    assert held(tables["seats"], "2020-12-31")["body"].value_counts()["province_committee"] in (49, 50)


def test_no_certificate_is_dated_after_the_extract():
    """Whoever broke a course off in the last month of the province is given the level by that day, not later."""
    day = pd.Timestamp("2025-06-30")
    asked = pd.DataFrame({
        "office": ["head"], "recruited": [pd.Timestamp("2010-01-01")], "first": [pd.Timestamp("2015-01-01")],
        "last": [pd.Timestamp("2025-06-15")], "awarded": [pd.Timestamp("2012-01-01")], "left": [pd.NaT],
        "level": [1], "asks": [2],
    })  # fmt: skip
    assert _given(asked, np.random.default_rng(1), 0.0, day)["awarded"].tolist() == [day]


def test_whoever_holds_the_highest_post_acts_in_none_above_it():
    """In one province of many the secretary also acts for somebody: no post of a grade that does not exist."""
    many = ((0.5, *[0.0] * 7, 0.5), *Settings().grades[1:])
    settings = dataclasses.replace(Settings(), grades=many, moves=(0.0, 0.0, 0.0, 0.9, 0.0))  # nearly all of them act
    assert simulate(400, seed=3, settings=settings).tables["posts"]["grade"].max() == 8
