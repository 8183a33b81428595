"""Hazard models against published answers (methods.md C1 to C8, C18, C19)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from published import beside, coefficients, copied, follow

from analysis import effects


def fit(frame, covariates, **settings):
    return coefficients(effects.fit_hazards(frame, covariates=covariates, **settings))


def summary(frame, covariates, **settings):
    return effects.fit_hazards(frame, covariates=covariates, **settings).details["fit"].iloc[0]


THERNEAU_1 = follow(pd.DataFrame({"x": [1, 1, 1, 0, 0, 0]}), [1, 1, 6, 6, 8, 9], [1, 0, 1, 1, 0, 1])
THERNEAU_2 = pd.DataFrame(
    [(1, 2, 1, 1), (2, 3, 1, 0), (5, 6, 1, 0), (2, 7, 1, 1), (1, 8, 1, 0), (7, 9, 1, 1), (3, 9, 1, 1), (4, 9, 0, 1),
     (8, 14, 0, 0), (8, 17, 0, 0)], columns=["start", "stop", "event", "x"],
).assign(person_id=range(10))  # fmt: skip
THERNEAU_3 = follow(
    pd.DataFrame({"x": [2, 0, 1, 1, 0, 1, 0, 1, 0], "w": [1, 2, 3, 4, 3, 2, 1, 2, 1]}),
    [1, 1, 2, 2, 2, 2, 3, 4, 5], [1, 0, 1, 1, 1, 0, 0, 1, 0],
)  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "ties", "weights", "wanted"),
    [
        (THERNEAU_1, "breslow", None, 1.475285), (THERNEAU_1, "efron", None, 1.676857),
        (THERNEAU_2, "breslow", None, -0.084526), (THERNEAU_2, "efron", None, -0.021105),
        (THERNEAU_3, "breslow", "w", 0.859557), (THERNEAU_3, "efron", "w", 0.872604),
    ],
)  # fmt: skip
def test_therneau_validation(frame, ties, weights, wanted):
    """Tied events and weights enter as worked out by hand: a slip here would move every ratio a little, unseen."""
    assert fit(frame, ["x"], ties=ties, weights=weights)["coefficient"].item() == pytest.approx(wanted, abs=1e-6)


def test_therneau_likelihoods():
    """The likelihood and its curvature are exact, or intervals and model tests would be wrong with right estimates."""
    one, three = summary(THERNEAU_1, ["x"]), summary(THERNEAU_3, ["x"], weights="w")
    assert one["loglik"] == pytest.approx(-3.358975, abs=1e-6)
    assert fit(THERNEAU_1, ["x"])["std_error"].item() ** -2 == pytest.approx(0.612632, abs=1e-5)
    assert (three["loglik_null"], three["loglik"]) == pytest.approx((-30.29218, -29.41678), abs=1e-5)
    assert fit(THERNEAU_3, ["x"], weights="w")["std_error"].item() ** -2 == pytest.approx(1.969447, abs=1e-5)


def test_gehan_and_lung():
    """Ratios and errors are those in the textbooks, under either way with ties."""
    gehan = beside("gehan.csv")
    frame = follow(gehan, gehan["time"], gehan["cens"])
    for ties, beta, error in (("breslow", 1.509191, 0.40956), ("efron", 1.572125, 0.41240)):
        got = fit(frame, ["treat"], ties=ties).loc["treat[control]"]
        assert (got["coefficient"], got["std_error"]) == pytest.approx((beta, error), abs=1e-5)
    lung = beside("lung.csv")
    got = fit(follow(lung, lung["time"], lung["status"] - 1), ["sex"]).loc["sex"]
    assert (got["coefficient"], got["std_error"]) == pytest.approx((-0.5310, 0.1672), abs=5e-5)


def test_stanford_heart():
    """A treatment that begins during follow-up counts from then on: no time before it is credited to it."""
    jasa = beside("jasa1.csv").rename(columns={"id": "person_id"})
    jasa = jasa.assign(at=jasa["age"] * jasa["transplant"], st=jasa["surgery"] * jasa["transplant"],
                       yt=jasa["year"] * jasa["transplant"])  # fmt: skip
    got = fit(jasa, ["age", "surgery", "transplant", "at", "st"], ties="breslow")
    assert [*got["coefficient"]] == pytest.approx([0.01386, -0.54652, 0.11572, 0.03473, -0.29037], abs=1e-5)
    assert got.loc["transplant", "std_error"] == pytest.approx(0.32729, abs=1e-5)
    two = summary(jasa, ["age", "surgery", "transplant", "at", "st"], ties="breslow")
    assert 2 * (two["loglik"] - two["loglik_null"]) == pytest.approx(12.45, abs=0.005)
    got = fit(jasa, ["year", "transplant", "yt"], ties="breslow")
    assert [*got["coefficient"]] == pytest.approx([-0.2652, -0.2871, 0.1371], abs=1e-4)
    got = summary(jasa, ["year", "transplant", "yt"], ties="breslow")
    assert 2 * (got["loglik"] - got["loglik_null"]) == pytest.approx(8.61, abs=0.005)
    heart = beside("heart.csv").rename(columns={"id": "person_id"})
    heart = heart.assign(at=heart["age"] * heart["transplant"], st=heart["surgery"] * heart["transplant"])
    terms = ["age", "surgery", "transplant", "at", "st"]
    for ties, betas, loglik in (
        ("breslow", [0.01382, -0.54570, 0.11810, 0.03477, -0.29163], -292.0995),
        ("efron", [0.01391, -0.54654, 0.11950, 0.03461, -0.29295], -291.8836),
    ):
        assert [*fit(heart, terms, ties=ties)["coefficient"]] == pytest.approx(betas, abs=1e-5)
        assert summary(heart, terms, ties=ties)["loglik"] == pytest.approx(loglik, abs=1e-4)


BLADDER = [
    ("ag", "breslow", (-0.45979, 0.19996, 0.25801)), ("tt", "breslow", (-0.33430, 0.21609, 0.19706)),
    ("gt", "breslow", (-0.26952, 0.20766, 0.20808)), ("ag", "efron", (-0.46469, 0.19973, 0.26556)),
    ("tt", "efron", (-0.33349, 0.21617, 0.20479)), ("gt", "efron", (-0.27900, 0.20735, 0.21562)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "ties", "wanted"), BLADDER)
def test_bladder_recurrences(kind, ties, wanted):
    """Repeated events of a person do not pass for so many people: clustered errors are as printed, on each clock."""
    frame = beside("bladder2.csv").rename(columns={"id": "person_id"})
    strata = [] if kind == "ag" else ["enum"]
    if kind == "gt":
        frame = frame.assign(stop=frame["stop"] - frame["start"], start=0)
    got = fit(frame, ["rx", "size", "number"], ties=ties, strata=strata, cluster="person_id").loc["rx"]
    assert [*got[["coefficient", "model_std_error", "std_error"]]] == pytest.approx(wanted, abs=1e-5)
    if (kind, ties) == ("ag", "breslow"):
        whole = fit(frame, ["rx", "size", "number"], ties=ties, cluster="person_id")
        assert [*whole["coefficient"][1:]] == pytest.approx([-0.04256, 0.17164], abs=1e-5)
        assert [*whole["std_error"][1:]] == pytest.approx([0.07555, 0.06131], abs=1e-5)
        assert [*whole["model_std_error"][1:]] == pytest.approx([0.06903, 0.04733], abs=1e-5)
        best = summary(frame, ["rx", "size", "number"], ties=ties)
        assert 2 * (best["loglik"] - best["loglik_null"]) == pytest.approx(16.77, abs=0.005)


def test_bladder_second_event_and_marginal_model():
    """One event of several, and all at once in strata, give the printed ratios and clustered errors."""
    frame = beside("bladder2.csv").rename(columns={"id": "person_id"})
    second = frame[frame["enum"] == 2]
    got = fit(second.assign(start=0), ["rx", "size", "number"], ties="breslow").loc["rx"]
    assert (got["coefficient"], got["std_error"]) == pytest.approx((-0.424214, 0.402200), abs=1e-5)
    gap = second.assign(stop=second["stop"] - second["start"], start=0)
    got = fit(gap, ["rx", "size", "number"], ties="breslow").loc["rx"]
    assert (got["coefficient"], got["std_error"]) == pytest.approx((-0.259112, 0.405110), abs=1e-5)
    wide = beside("bladder.csv").rename(columns={"id": "person_id"}).assign(start=0)
    got = fit(wide, ["rx", "size", "number"], ties="breslow", strata=["enum"], cluster="person_id").loc["rx"]
    assert [*got[["coefficient", "model_std_error", "std_error"]]] == pytest.approx(
        [-0.57986, 0.20118, 0.30344], abs=1e-5
    )
    for enum, beta, variance in ((1, -0.51762, 0.09456), (2, -0.61944, 0.13243), (3, -0.69988, 0.17236), (4, -0.65079, 0.23981)):  # fmt: skip
        one = wide[wide["enum"] == enum]
        got = fit(one, ["rx", "size", "number"], ties="breslow", cluster="person_id").loc["rx"]
        assert (got["coefficient"], got["std_error"] ** 2) == pytest.approx((beta, variance), abs=1e-5)


def test_mgus2_by_cause():
    """Each kind of event is modelled with the others as exits, never mixed into one."""
    mgus = beside("mgus2.csv")
    frame = follow(mgus, np.where(mgus["pstat"] == 1, mgus["ptime"], mgus["futime"]),
                   np.where(mgus["pstat"] == 1, 1, 2 * mgus["death"])).dropna(subset="mspike")  # fmt: skip
    for event, wanted in ((1, [0.01635, -0.00503, 0.88408]), (2, [0.06520, 0.38890, -0.05926])):
        assert [*fit(frame, ["age", "sex", "mspike"], event=event)["coefficient"]] == pytest.approx(wanted, abs=5e-5)


def test_melanoma_cox():
    """Codes of events are read as given: a death from another cause is no event of interest."""
    melanoma = beside("melanoma.csv").assign(thick=lambda d: np.log(d["thickness"]))
    frame = follow(melanoma, melanoma["time"], melanoma["status"].map({1: 1, 2: 0, 3: 2}))
    assert [*fit(frame, ["sex", "ulcer", "thick"])["coefficient"]] == pytest.approx([0.3813, 0.9389, 0.5756], abs=1e-4)


ROSSI = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


def test_rossi_lagged_exposure():
    """What changes weekly is read in its own week, or the week before, and no result leaks back into its cause."""
    weeks = beside("rossi_long.csv.gz").rename(columns={"id": "person_id"})
    assert len(weeks) == 19_809
    fixed = fit(weeks, ROSSI)
    assert [*fixed.loc[["fin[yes]", "age", "wexp[yes]", "mar[not married]", "paro[yes]", "prio"], "coefficient"]] == (
        pytest.approx([-0.37942, -0.05744, -0.14980, 0.43370, -0.08487, 0.09150], abs=1e-5)
    )
    assert [*fixed.loc[["fin[yes]", "age", "prio"], "std_error"]] == pytest.approx(
        [0.19138, 0.02200, 0.02865], abs=1e-5
    )
    assert summary(weeks, ROSSI)["loglik"] == pytest.approx(-658.7477, abs=1e-4)
    now = fit(weeks, [*ROSSI, "emp"])
    assert [*now.loc["emp", ["coefficient", "std_error"]]] == pytest.approx([-1.32832, 0.25072], abs=1e-5)
    assert now.loc["fin[yes]", "coefficient"] == pytest.approx(-0.35672, abs=1e-5)
    lagged = weeks.dropna(subset="emplag").assign(stop_squared=lambda d: d["stop"] ** 2)
    cox = fit(lagged, [*ROSSI, "emplag"])
    assert [*cox.loc["emplag", ["coefficient", "std_error"]]] == pytest.approx([-0.78689, 0.21808], abs=1e-5)
    clock = [*ROSSI, "emplag", "stop", "stop_squared"]
    logit = fit(lagged, clock, model="logit")
    assert [*logit.loc[["fin[yes]", "emplag"], "coefficient"]] == pytest.approx([-0.354198, -0.782799], abs=1e-5)
    assert [*logit.loc[["fin[yes]", "emplag"], "std_error"]] == pytest.approx([0.192625, 0.218709], abs=2e-5)
    assert fit(lagged, clock, model="cloglog").loc["emplag", "coefficient"] == pytest.approx(-0.780506, abs=1e-5)


def test_rossi_proportionality():
    """An effect that fades with time is found out, and not reported as one constant ratio."""
    weeks = beside("rossi_long.csv.gz").rename(columns={"id": "person_id"})
    tests = effects.check_proportionality(weeks, covariates=["fin", "age", "prio"]).table.set_index("term")
    assert tests.loc["age", "statistic"] == pytest.approx(6.33, abs=0.005)
    assert tests.loc["age", "p_value"] == pytest.approx(0.012, abs=5e-4)


def test_salespeople_logit():
    """Promotions known only by period give the odds ratios that were printed for them."""
    sales = copied("salespeople.csv").dropna()
    frame = follow(sales, 1, sales["promoted"]).astype({"performance": "int64"}).astype({"performance": "str"})
    full = fit(frame, ["sales", "customer_rate", "performance"], model="logit")
    assert [*full["coefficient"]] == pytest.approx([0.04012425, -1.1121313, 0.2630, 0.6850, 0.7345], abs=5e-5)
    assert [*full["std_error"][:2]] == pytest.approx([0.006576, 0.482682], abs=5e-5)
    best = summary(frame, ["sales", "customer_rate", "performance"], model="logit")
    assert 2 * best["parameters"] - 2 * best["loglik"] == pytest.approx(76.37433, abs=1e-5)
    simple = fit(frame, ["sales", "customer_rate"], model="logit")
    assert [*simple["coefficient"]] == pytest.approx([0.040389, -1.122064], abs=1e-5)
    assert -2 * summary(frame, ["sales", "customer_rate"], model="logit")["loglik"] == pytest.approx(65.131, abs=1e-3)


STAY = ["gender", "field", "level", "sentiment"]


def test_job_retention():
    """A covariate of many levels keeps each level's name with its own number."""
    jobs = copied("job_retention.csv")
    frame = follow(jobs, jobs["month"], jobs["left"])
    got = fit(frame, STAY)
    assert [*got["coefficient"]] == pytest.approx(
        [-0.04548, 0.22334, 0.27830, 0.10532, 0.11499, 0.08776, 0.14813, 0.17666, -0.11756], abs=1e-5
    )
    assert got.loc["sentiment", "std_error"] == pytest.approx(0.01397, abs=1e-5)
    tests = effects.check_proportionality(frame, covariates=STAY).table
    assert [*tests["statistic"]] == pytest.approx([0.726, 6.656, 2.135, 1.828, 11.156], abs=1e-3)


def test_promotion():
    """Ratios for promotion are as printed, and splitting people's time at a year changes none of them."""
    people = copied("promotion.csv")
    frame = follow(people, people["year"], people["promoted"])
    got = fit(frame, ["flexible", "diverse", "store"])
    assert [*got["coefficient"]] == pytest.approx([-0.03044, -1.29607, -0.15481], abs=1e-5)
    assert [*got["std_error"]] == pytest.approx([0.20658, 0.20450, 0.14853], abs=1e-5)
    early = frame[frame["stop"] > 4].assign(start=4)
    cut = pd.concat([frame.assign(stop=frame["stop"].clip(upper=4), event=frame["event"].where(frame["stop"] <= 4, 0)), early])  # fmt: skip
    assert [*fit(cut, ["flexible", "diverse", "store"])["coefficient"]] == pytest.approx(
        [*got["coefficient"]], abs=1e-10
    )
