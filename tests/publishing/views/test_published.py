"""Published numbers leave exact, by names of cases only; a miss is said in the figure, the table and the answer."""

from __future__ import annotations

import json

import pytest

from analysis import effects, registry, synthetic
from analysis.errors import EffectsError
from analysis.estimate import Estimate
from analysis.publishing import open_gate
from analysis.publishing.views import published


@pytest.fixture(scope="module")
def reg(tmp_path_factory):
    folder = tmp_path_factory.mktemp("province")
    synthetic.write(synthetic.simulate(600, 1), folder)
    return registry.load(folder, as_of="2024-12-31")


@pytest.fixture
def missed(monkeypatch):
    """As if one answer of a case had not come out."""

    def wrong(case):
        got = effects.reproduce(case)
        table = got.details["comparison"].copy()
        table.loc[0, ["reproduced", "difference", "within"]] = [9.0, 9.0, False]
        return Estimate(table=got.table, spec=got.spec, details={"comparison": table})

    monkeypatch.setattr(published, "reproduce", wrong)


def gate_for(reg, lang):
    return open_gate(reg, notebook="95_validation", parameters={"lang": lang})


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_numbers_leave_exact_and_on_record(reg, lang, tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYSIS_RUN", str(tmp_path))
    gate = gate_for(reg, lang)
    gate.published_figure("promotion", "salespeople", name="against", lead=True)
    gate.published_table("promotion", name="promotion")
    gate.answer(published.published_answer, cases=("promotion", "salespeople"))
    figure, table, answer = gate.payloads
    assert figure["role"] == "lead" and set(figure["images"]) == {
        "wide_light",
        "wide_dark",
        "phone_light",
        "phone_dark",
    }
    assert ("−0,03044" if lang == "vi" else "−0.03044") in table["html"]
    assert "McNulty" in table["note"] and answer["status"] == "met"
    gate.finish()
    assert json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8"))["released"] == [
        one["digest"] for one in gate.payloads
    ]
    rows = (tmp_path / "released.csv").read_text(encoding="utf-8")
    assert "reproduction" in rows and "flexible" in rows


def test_only_names_of_cases_pass(reg):
    gate = gate_for(reg, "en")
    for call in (gate.published_figure, gate.published_table):
        with pytest.raises(EffectsError, match="not published here; there are smoking"):
            call("registry", name="out")
    assert gate.payloads == [] and gate.rows == []


@pytest.mark.parametrize(("lang", "word"), [("vi", "Lệch: hệ số"), ("en", "Missed: coefficient")])
def test_a_miss_is_said(missed, lang, word):
    rows = published.lay_out(["promotion"])
    said = published.published_answer(rows, lang, cases=["promotion"])
    assert said["status"] == "missed" and word in said["html"]
    assert rows["within"].sum() == len(rows) - 1
    assert f">{'không' if lang == 'vi' else 'no'}<" in published.published_table(rows, lang)["html"]
    assert published.AGAINST.describe(rows, lang)["title"].startswith("9 ")


def test_a_missed_answer_warns():
    from analysis.effects.validation import compare

    entry = {"tolerance": 0.1, "answers": {"a": {"value": 1}, "b": {"value": 2, "tolerance": 1}}}
    table = compare({"a": 1.2, "b": 2.9, "extra": 0}, entry)
    assert table["within"].tolist() == [False, True] and table["difference"].tolist() == pytest.approx([0.2, 0.9])
    with pytest.raises(KeyError):
        compare({"a": 1.0}, entry)
