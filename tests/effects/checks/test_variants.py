"""Variants of the data for the checks: each is what it says, of the same people."""

from __future__ import annotations

import pytest

from analysis import careers, effects, synthetic
from analysis.errors import EffectsError


@pytest.fixture(scope="module")
def reg():
    return synthetic.make_registry(1500, 3)


def test_every_variant_changes_what_it_says(reg):
    """Lags, other courses, other events, other people and a later end; asked settings go along."""
    asked = {"start": "2019-01-01", "end": "2024-06-30"}
    main, found = careers.build_trial_spells(reg, **asked), effects.build_variants(reg, **asked)
    assert [*found][:2] == ["lag", "unrelated"] and len(found) == 8
    spec = {name: one.spec for name, one in found.items()}
    assert [spec[name]["lag"] for name in ("lag", "lag_12", "month_off")] == [effects.rule().lag, 12, 1]
    assert spec["unrelated"]["exposure"] != main.spec["exposure"] and spec["same_month"]["same_month"] == "before"
    assert spec["later_end"]["months"] > main.spec["months"] and spec["later_end"]["start"] == asked["start"]
    leaving = main.frame["event"] == careers.EVENTS.index("transfer_out")
    assert leaving.any() and (found["transfer_out"].frame.loc[leaving, "event"] == 1).all()
    new = main.frame["tenure_band"] == "<24"
    assert main.frame.loc[new, "eligible"].any() and not found["settled"].frame.loc[new, "eligible"].any()


def test_only_what_is_named_is_built(reg):
    """The rule itself needs two: a benchmark of many provinces builds no more."""
    assert [*effects.build_variants(reg, names=("unrelated", "lag"))] == ["unrelated", "lag"]


def test_a_course_is_asked_about_among_those_whom_it_is_for(reg):
    """Advanced theory: party members who lead, of its own starts only; a course for everyone loses nobody."""
    spells = effects.build_asked(reg, exposure="political_theory", level="advanced")
    whole = careers.build_trial_spells(reg, exposure="political_theory", only={"level": ("advanced",)}).frame
    member, leads = whole["party"].astype("str") == "True", whole["grade_band"] != "0"
    assert whole["eligible"].sum() > (whole["eligible"] & member & leads).sum() > 0
    assert (spells.frame["eligible"] == (whole["eligible"] & member & leads)).all()
    assert spells.frame.drop(columns="eligible").equals(whole.drop(columns="eligible"))
    assert effects.build_asked(reg).frame.equals(careers.build_trial_spells(reg).frame)


def test_the_unrelated_course_is_asked_about_among_the_same_people(reg):
    """Of any level, since it has none, but of nobody for whom the course itself is not."""
    found = effects.build_variants(reg, names=("unrelated",), exposure="political_theory", level="advanced")[
        "unrelated"
    ]
    frame = found.frame[found.frame["eligible"]]
    assert found.spec["exposure"] == "professional" and not found.spec["only"] and len(frame)
    assert set(frame["party"].astype("str")) == {"True"} and "0" not in set(frame["grade_band"])


def test_only_what_differs_is_adjusted_for():
    """What all of them have is no covariate; for a course that is for everyone the rule's own stand."""
    rule, theory = effects.rule(), effects.adjust_for("political_theory", "advanced")
    assert effects.adjust_for("postgraduate")["covariates"] == [*rule.covariates]
    assert set(rule.covariates) - set(theory["covariates"]) == {"party"}
    assert theory["confounders"] == [*rule.confounders]


def test_a_kind_is_asked_for_where_the_course_has_it(reg):
    """Master is a level of postgraduate courses; modes and funders are of any."""
    assert "master" in effects.build_kinds(reg, exposure="postgraduate")
    theory = effects.build_kinds(reg, exposure="political_theory", level="advanced")
    assert "master" not in theory and theory["full_time"].spec["only"] == {"level": ["advanced"], "mode": ["full_time"]}


@pytest.mark.parametrize("level", ["", "intermediate"])
def test_whom_one_level_is_for_is_not_asked_of_another(reg, level):
    """Intermediate theory is for other people than advanced theory: nobody is left out of it by the rule of the latter."""
    assert effects.whom("political_theory", level) == "sendable"
    frame = effects.build_asked(reg, exposure="political_theory", level=level).frame
    assert "0" in set(frame.loc[frame["eligible"], "grade_band"])


def test_an_unknown_variant_is_refused_and_no_course_is_its_own_control(reg):
    """A mistyped name is no second copy of the main answer, and a course that is asked about is not unrelated."""
    with pytest.raises(EffectsError, match="lag12"):
        effects.build_variants(reg, names=("lag12",))
    assert not effects.build_variants(reg, names=("unrelated",), exposure="professional")
