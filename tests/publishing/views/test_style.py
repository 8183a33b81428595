"""Every chart draws from protected rows, whatever is hidden, in every variant, the same each time."""

from __future__ import annotations

import functools
import re

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from shown_rows import ENGLISH, LETTERS, attainment, balance, flows, history, people, ratios

from analysis.publishing.views import attainment as charts_targets
from analysis.publishing.views import balance as charts_balance
from analysis.publishing.views import change as charts_change
from analysis.publishing.views import forest as charts_effects
from analysis.publishing.views import published
from analysis.publishing.views.style import Style, house_style, name_ticks, render
from analysis.text import Text

BARS = {
    "key": "kind",
    "value": "people",
    "title": Text("Kinds", "Các loại"),
    "caption": Text("Rounded.", "Đã làm tròn."),
}
CASES = {
    "bullets": (charts_targets.BULLETS, attainment, {}),
    "bullets_one": (charts_targets.BULLETS, lambda: attainment(["T1"]), {}),
    "bullets_nobody_in_one": (charts_targets.BULLETS, lambda: attainment(["T2"], nobody=["T1"]), {}),
    "bullets_nobody": (charts_targets.BULLETS, lambda: attainment([], nobody=["T1"]), {}),
    "readings": (charts_targets.READINGS, attainment, {}),
    "readings_one": (charts_targets.READINGS, lambda: attainment(["T3"]), {}),
    "readings_nobody": (charts_targets.READINGS, lambda: attainment([], nobody=["T1"]), {}),
    "history": (charts_change.HISTORY, history, {}),
    "history_one": (charts_change.HISTORY, lambda: history(["T4"]), {}),
    "history_nobody": (charts_change.HISTORY, lambda: attainment([], nobody=["T1"]), {}),
    "bridge": (charts_change.WATERFALL, flows, {}),
    "bridge_one": (charts_change.WATERFALL, lambda: flows(["T1"]), {}),
    "bridge_merged": (charts_change.WATERFALL, lambda: flows(["T1"], (3, 2, -1, -4)), {}),
    "bridge_nobody": (charts_change.WATERFALL, lambda: flows(["T1"], status="blocked"), {}),
    "ratios": (charts_effects.FOREST, ratios, {"truth": {"training[0-11]": 1.5}}),
    "ratios_some_hidden": (charts_effects.FOREST, lambda: ratios(["training[24+]", "ever_trained"]), {}),
    "ratios_hidden": (charts_effects.FOREST, lambda: ratios(list(ratios()["term"])), {}),
    "bars": (charts_effects.BARS, people, BARS),
    "balance": (charts_balance.LOVE, balance, {}),
    "balance_before": (charts_balance.LOVE, lambda: balance(weights=None), {}),
    "balance_hidden": (charts_balance.LOVE, lambda: balance().assign(estimate=float("nan")), {}),
    "published": (published.AGAINST, lambda: published.lay_out(["promotion", "salespeople"]), {}),
    "published_missed": (
        published.AGAINST,
        lambda: published.lay_out(["promotion"]).assign(difference=1.0, within=False),
        {},
    ),
    "bars_hidden": (charts_effects.BARS, lambda: people((3, 4)), BARS),
}


@functools.cache
def rows_of(name):
    chart, build, _ = CASES[name]
    return chart.keep(build()).reset_index(drop=True)


@pytest.fixture(scope="module")
def drawn():
    """Draw each case once in Vietnamese, in all four variants."""

    @functools.cache
    def one(name):
        chart, _, options = CASES[name]
        rows = rows_of(name)
        return rows, render(functools.partial(chart.draw, rows, **options), "vi", everywhere=True)

    return one


@pytest.mark.parametrize("name", CASES)
def test_every_chart_draws_in_all_variants(name, drawn):
    """Wide and phone, light and dark: four different drawings, none with a date, none with `nan` in a path."""
    _, images = drawn(name)
    assert set(images) == {"wide_light", "wide_dark", "phone_light", "phone_dark"}
    assert len(set(images.values())) == 4
    for svg in images.values():
        assert svg.rstrip().endswith("</svg>") and "nan" not in svg and "<dc:date>" not in svg


@pytest.mark.parametrize("name", CASES)
def test_words_of_a_figure_are_there_in_both_languages(name):
    """Title, caption and text alternative exist whatever is hidden, each in its own language and without `nan`."""
    chart, _, options = CASES[name]
    rows = rows_of(name)
    for lang, foreign in (("vi", ENGLISH), ("en", LETTERS)):
        said = chart.describe(rows, lang, **options)
        assert set(said) == {"title", "alt", "caption"}
        for words in said.values():
            assert len(words) > 3 and "nan" not in words.split() and not re.search(foreign, words, re.IGNORECASE), words


@pytest.mark.parametrize("name", ["bullets", "history_one", "bridge", "ratios", "bars"])
def test_equal_rows_give_equal_bytes(name, drawn):
    """A page that is built again is the same page, so that a change on the site is a change in the data."""
    chart, _, options = CASES[name]
    rows, images = drawn(name)
    again = render(functools.partial(chart.draw, rows, **options), "vi", everywhere=False)
    assert again["wide_light"] == images["wide_light"]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", ["wide", "phone"])
@pytest.mark.parametrize("name", CASES)
def test_words_in_a_figure_do_not_collide(name, width, lang):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    chart, _, options = CASES[name]
    rows = rows_of(name)
    with house_style("light"):
        figure = chart.draw(rows, style=Style(lang, "light", width), **options)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        boxes = label_boxes(figure, canvas.get_renderer())
    edge = figure.bbox
    for words, box in boxes:
        assert box.x0 >= edge.x0 - 2 and box.x1 <= edge.x1 + 2, f"{words!r} is cut off"
    for place, (words, box) in enumerate(boxes):
        for others, other in boxes[place + 1 :]:
            assert common(box, other) < 0.25, f"{words!r} lies on {others!r}"


def label_boxes(figure, renderer):
    """Text that is drawn, with its box; tick labels outside the limits exist but are not drawn."""
    from matplotlib.text import Text as Label

    axes = [one for one in figure.axes if one.get_visible()]
    ticks = [
        (tick, axis._update_ticks())
        for one in axes
        for axis in (one.xaxis, one.yaxis)
        for tick in axis.get_major_ticks()
    ]
    left_out = {
        label
        for tick, drawn in ticks
        if tick not in drawn or not tick.axes.axison
        for label in (tick.label1, tick.label2)
    }
    labels = [label for part in (*axes, *figure.texts) for label in part.findobj(Label)]
    labels = [label for label in labels if label.get_text().strip() and label.get_visible() and label not in left_out]
    return [(label.get_text(), label.get_window_extent(renderer)) for label in labels]


def common(one, two):
    """Part of the smaller box that lies in the other."""
    width, height = min(one.x1, two.x1) - max(one.x0, two.x0), min(one.y1, two.y1) - max(one.y0, two.y0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / min(one.width * one.height, two.width * two.height)


def test_what_is_hidden_is_called_few_in_the_drawing_s_words():
    """A bar that may not be shown is named as few, not as zero."""
    said = charts_effects.BARS.describe(people((1200, 340, 4)), "vi", **BARS)
    assert "K2: ít" in said["alt"] and "K2: 0" not in said["alt"]


@pytest.mark.parametrize(("lang", "labels"), [("vi", ["−2,5", "0,0", "2,5"]), ("en", ["−2.5", "0.0", "2.5"])])
def test_ticks_are_written_in_the_reader_s_language(lang, labels):
    """A decimal comma in Vietnamese; whole numbers stay plain, since they may be years."""
    figure = Figure()
    axes = figure.subplots()
    axes.set_yticks([-2.5, 0, 2.5])
    axes.set_xticks([2020, 2024])
    name_ticks(figure, lang)
    figure.canvas.draw()
    assert [one.get_text() for one in axes.get_yticklabels()] == labels
    assert [one.get_text() for one in axes.get_xticklabels()] == ["2020", "2024"]
