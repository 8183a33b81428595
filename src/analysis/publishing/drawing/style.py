"""The house style of figures: size, fonts, colours by what they mean, and the marks that charts share."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import get_named_colors_mapping
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, ScalarFormatter

from analysis.publishing.drawing.view import Rows, each_target
from analysis.words import Message, label, number

# by what they mean, light and dark: hues of Okabe-Ito that can be written in (contrast 4.5), but for those that only
# fill: `rule`, `plate`, and `studying`, which stands beside `has`
COLOURS = {
    "ink": ("#1b1f24", "#e8ebee"),
    "muted": ("#5c6670", "#a3adb7"),
    "rule": ("#d5dade", "#3a424b"),
    "plate": ("#ffffff", "#14181d"),
    "has": ("#00568f", "#4ba3dd"),
    "studying": ("#3d9bd6", "#a8dcfa"),
    "naive": ("#6e767f", "#8d969f"),
    "target": ("#b84a00", "#ff8a3d"),
    "gap": ("#a3243b", "#ff8d9b"),
    "gain": ("#007a5a", "#2fc79c"),
    "loss": ("#a0417d", "#e39cc3"),
    "truth": ("#8f6400", "#f2b632"),
}
ALIKE = {"trained": "has", "untrained": "muted"}
CSS_LIGHT, CSS_DARK = ({name: pair[theme] for name, pair in COLOURS.items()} for theme in (0, 1))
WIDTHS = {"wide": 7.2, "phone": 3.7}
MARKS = {0.1: 1, 0.25: 2, 0.5: 1, 1: 0, 2: 0, 4: 0, 8: 0, 16: 0}  # of an axis of ratios, with the decimals of each
NOTHING = Message("Not assessable, or not to be disclosed: nothing is shown.")

# charts name a colour by its meaning
get_named_colors_mapping().update(CSS_LIGHT | {meaning: CSS_LIGHT[name] for meaning, name in ALIKE.items()})


@dataclass(frozen=True)
class Style:
    """What a chart needs to know of the place where it is shown: `wide`, or a `phone`."""

    width: str = "wide"

    @property
    def narrow(self) -> bool:
        """Say whether the figure is for a phone."""
        return self.width == "phone"

    def figure(self, height: float, down: int = 1, across: int = 1, **layout: Any) -> tuple[Figure, list[Axes]]:
        """Open a figure of the house width with as many axes as asked; height in inches."""
        figure = Figure(figsize=(WIDTHS[self.width], height))
        return figure, figure.subplots(down, across, squeeze=False, **layout).ravel().tolist()

    def canvas(self, height: float, phone_height: float | None = None) -> tuple[Figure, Axes]:
        """Open a figure with one pair of axes; height in inches, on a phone another one if given."""
        figure, (axes,) = self.figure((phone_height or height) if self.narrow else height)
        return figure, axes

    def panels(self, rows: Rows, height: float, draw: Callable[[Axes, Rows, str], None]) -> Figure:
        """Draw one panel a target: side by side in twos where there is room, one below the other on a phone."""
        targets = each_target(rows)
        across = 1 if self.narrow or len(targets) == 1 else 2
        down = -(-len(targets) // across)
        figure, grid = self.figure(height * down, down, across)
        for axes, (name, one) in zip(grid, targets, strict=False):
            draw(axes, one, name)
            axes.set_title(name if len(targets) > 1 else "")
        for axes in grid[len(targets) :]:
            axes.set_visible(False)
        return figure

    def nothing(self) -> Figure:
        """Draw the sentence that there is nothing to show."""
        figure, axes = self.canvas(1.0)
        axes.set_axis_off()
        axes.text(0, 0.5, self.wrap(NOTHING.say()), va="center", color="muted")
        return figure

    def wrap(self, text: str, crowded: bool = False) -> str:
        """Break a label in two at the space nearest to its middle, where it is long for its place."""
        spaces = [place for place, sign in enumerate(text) if sign == " "]
        if len(text) < (16 if self.narrow or crowded else 30) or not spaces:
            return text
        cut = min(spaces, key=lambda place: abs(place - len(text) / 2))
        return f"{text[:cut]}\n{text[cut + 1 :]}"

    def rows(self, axes: Axes, names: Sequence[str], places: Any = None, crowded: bool = False) -> None:
        """Name the rows of a chart that is read from above: the first at 0, the next at -1."""
        places = -np.arange(len(names)) if places is None else places
        axes.set_yticks(places, [self.wrap(name, crowded) for name in names])
        axes.set_ylim(min(places) - 0.6, max(places) + 0.7)
        axes.grid(axis="x")

    def spread(self, wide: Rows, colours: dict[str, str], listing: str = "terms") -> tuple[Figure, Axes]:
        """Draw the columns of a table as dots along its rows, hollow in the grey of what misleads, with a key."""
        figure, axes = self.canvas(1.1 + 0.3 * len(wide), 1.1 + 0.36 * len(wide))
        places = -np.arange(len(wide))
        axes.hlines(places, wide.min(axis=1), wide.max(axis=1), color="rule")
        for column, color in colours.items():
            inside = "plate" if color == "naive" else color
            axes.plot(wide[column], places, "o", color=color, mfc=inside, label=label(column, listing))
        self.rows(axes, [label(name) for name in wide.index])
        self.key(figure)
        return figure, axes

    def key(self, figure: Figure) -> None:
        """Say over the figure what its labelled marks stand for."""
        figure.legend(loc="outside upper left", ncols=2 if self.narrow else 4)


def write(axes: Axes, text: str, at: tuple, shift: tuple[float, float], color: str = "ink", **how: Any) -> None:
    """Write words beside a point of the data, `shift` points of type away, on a plate that keeps them legible."""
    plate = {"boxstyle": "square,pad=0.12", "fc": "plate", "ec": "none", "alpha": 0.85}
    axes.annotate(
        text, at, xytext=shift, textcoords="offset points", color=color, annotation_clip=False, bbox=plate, **how
    )


def ticks(axis: Axis, write: Callable[[float, int], str]) -> None:
    """Write the ticks of an axis as whole numbers or percentages."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: write(value, 0)))


def over_time(axes: Axes, ends: tuple[pd.Timestamp, pd.Timestamp], days: Iterable[pd.Timestamp], form: str) -> None:
    """Let a chart run from one day to another, with these days under it as `form` writes them."""
    axes.set(xlim=ends, xticks=days)
    axes.xaxis.set_major_formatter(DateFormatter(form))
    axes.grid(axis="y")


def line_of_need(axes: Axes, value: float, since: pd.Timestamp, words: str) -> None:
    """Draw what is asked for as a dashed line from one side to the other, its words where it begins."""
    axes.axhline(value, color="target", lw=1.4, ls=(0, (5, 3)))
    write(axes, words, (since, value), (2, 3), "target")


def band_of_likeness(axes: Axes, half: float) -> None:
    """Shade what lies so near to zero that it counts as alike."""
    axes.axvspan(-half, half, color="rule", alpha=0.45, lw=0)
    axes.axvline(0, color="muted", lw=1, zorder=1)


def ratio_axis(axes: Axes, low: float, high: float, words: str, likeness: tuple[float, ...] = ()) -> None:
    """Let a chart of ratios run from `low` to `high` on a log axis, and shade what counts as alike."""
    digits = dict(sorted((MARKS | dict.fromkeys(likeness, 2)).items()))
    marks = [mark for mark in digits if low < mark < high]
    if likeness:
        axes.axvspan(*likeness, color="rule", alpha=0.45, lw=0)
    axes.set(xscale="log", xlim=(low, high), xlabel=words)
    axes.set_xticks(marks, [number(mark, digits[mark]) for mark in marks])
    axes.minorticks_off()


def stack(values: pd.Series, width: float) -> tuple[pd.Series, pd.Series]:
    """Put values into steps of a width: the step of each, and how many stand there before it."""
    steps = (values / width).round() * width
    return steps, steps.groupby(steps.to_numpy()).cumcount()


def name_ticks(figure: Figure) -> None:
    """Write plain numbers along axes as the language does: 2,5 in Vietnamese, 2.5 in English."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), ScalarFormatter):
                axis.set_major_formatter(FuncFormatter(functools.partial(_tick, axis)))


def _tick(axis: Axis, value: float, _: int) -> str:
    """Write a tick with as many decimals as its neighbours need; whole ones without marks, since they may be years."""
    ticks = axis.get_majorticklocs()
    digits = next((digits for digits in range(4) if np.allclose(ticks, np.round(ticks, digits), atol=1e-9)), 4)
    return number(value, digits) if digits else f"{value:.0f}".replace("-", "−")


RULES = """
font.family: DejaVu Sans
font.size: 8.5
axes.titlesize: 9.5
axes.titleweight: bold
axes.titlelocation: left
axes.labelsize: 9
axes.labelcolor: muted
axes.edgecolor: rule
axes.facecolor: plate
axes.axisbelow: True
axes.spines.top: False
axes.spines.right: False
axes.spines.left: False
xtick.color: muted
ytick.color: ink
xtick.major.size: 0
ytick.major.size: 0
grid.color: rule
grid.linewidth: 0.7
text.color: ink
text.parse_math: False
figure.facecolor: plate
figure.constrained_layout.use: True
legend.frameon: False
lines.linewidth: 2.1
lines.markersize: 7
lines.markeredgewidth: 1.8
svg.fonttype: path
svg.hashsalt: analysis
"""


@contextlib.contextmanager
def house_style() -> Iterator[None]:
    """Set fonts, colours and a fixed hash salt while a figure is drawn, so that equal rows give equal bytes."""
    rules: dict[Any, Any] = dict(line.split(": ") for line in RULES.strip().splitlines())
    with mpl.rc_context():
        mpl.rcdefaults()  # nobody's own matplotlibrc
        mpl.rcParams.update(rules)
        yield
