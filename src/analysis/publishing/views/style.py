"""The house style of figures: one helper sets size, fonts, colours, grid and locale; charts only draw."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from analysis.words import NOTHING, number

THEMES = {
    "light": {"ink": "#1b1f24", "muted": "#5c6670", "rule": "#d5dade", "plate": "#ffffff"},
    "dark": {"ink": "#e8ebee", "muted": "#a3adb7", "rule": "#3a424b", "plate": "#14181d"},
}
# Okabe-Ito, one meaning each: light and dark of the same hue
MEANING = {
    "has": ("#0072b2", "#4ba3dd"),
    "studying": ("#56b4e9", "#8fd0f5"),
    "trained": ("#0072b2", "#4ba3dd"),
    "untrained": ("#5c6670", "#a3adb7"),
    "target": ("#d55e00", "#ff8a3d"),
    "naive": ("#7a828a", "#8d969f"),
    "gap": ("#d55e00", "#ff8a3d"),
    "gain": ("#009e73", "#2fc79c"),
    "loss": ("#cc79a7", "#e39cc3"),
    "truth": ("#e69f00", "#f2b632"),
    "unverified": ("#e69f00", "#f2b632"),
}
WIDTHS = {"wide": 7.2, "phone": 3.7}
LONG = re.compile(r"(\d+\.\d{2})\d+")


@dataclass(frozen=True)
class Style:
    """What a chart needs to know of the place where it is shown."""

    lang: str
    theme: str = "light"
    width: str = "wide"

    @property
    def narrow(self) -> bool:
        """Say whether the figure is for a phone."""
        return self.width == "phone"

    def colour(self, meaning: str) -> str:
        """Give the colour that always stands for `meaning`."""
        return MEANING[meaning][self.theme == "dark"]

    def tone(self, part: str) -> str:
        """Give the colour of a part of the frame: ink, muted, rule or plate."""
        return THEMES[self.theme][part]

    def plate(self) -> dict[str, Any]:
        """Give a box of the ground's colour, so that words stay legible over lines."""
        return {"boxstyle": "square,pad=0.12", "fc": self.tone("plate"), "ec": "none", "alpha": 0.85}

    def canvas(self, height: float, phone_height: float | None = None) -> tuple[Figure, Axes]:
        """Open a figure of the house width; height in inches."""
        tall = (phone_height or height) if self.narrow else height
        figure = Figure(figsize=(WIDTHS[self.width], tall), layout="constrained")
        axes = figure.add_subplot()
        quiet(axes)
        return figure, axes

    def nothing(self) -> Figure:
        """Draw the sentence that there is nothing to show."""
        figure, axes = self.canvas(1.0)
        axes.set_axis_off()
        said = textwrap.fill(NOTHING.say(self.lang), 34 if self.narrow else 90)
        axes.text(0, 0.5, said, va="center", fontsize=9.5, color=self.tone("muted"))
        return figure

    def panels(self, names: Sequence[str], height: float) -> tuple[Figure, list[Axes]]:
        """Open one panel a name: side by side in twos where there is room, one below the other on a phone."""
        across = 1 if self.narrow or len(names) == 1 else 2
        down = -(-len(names) // across)
        figure = Figure(figsize=(WIDTHS[self.width], height * down), layout="constrained")
        grid = figure.subplots(down, across, squeeze=False).ravel().tolist()
        for axes, name in zip(grid, names, strict=False):
            quiet(axes)
            if len(names) > 1:
                axes.set_title(name, loc="left", fontsize=9.5, weight="bold")
        for axes in grid[len(names) :]:
            axes.set_visible(False)
        return figure, grid[: len(names)]


def quiet(axes: Axes) -> None:
    """Take away what does not carry data."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.set_axisbelow(True)


def every_row(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep all rows."""
    return rows


class Chart(NamedTuple):
    """A kind of figure: `describe(rows, lang)` gives title, caption and alt; `draw(rows, style)` the figure.

    `keep(rows)` gives the rows that the figure shows: no other leaves with it.
    """

    describe: Callable[..., dict[str, str]]
    draw: Callable[..., Figure]
    keep: Callable[[pd.DataFrame], pd.DataFrame] = every_row


def render(draw: Callable[[Style], Figure], lang: str, *, everywhere: bool) -> dict[str, str]:
    """Draw as SVG text for wide and phone, light and dark; only wide and light outside the batch."""
    wanted = [(width, theme) for width in WIDTHS for theme in THEMES] if everywhere else [("wide", "light")]
    images = {}
    for width, theme in wanted:
        with house_style(theme):
            figure = draw(style=Style(lang, theme, width))
            name_ticks(figure, lang)
            images[f"{width}_{theme}"] = to_svg(figure)
    return images


def name_ticks(figure: Figure, lang: str) -> None:
    """Write plain numbers along axes as the language does: 2,5 in Vietnamese, 2.5 in English."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), ScalarFormatter):
                axis.set_major_formatter(lambda value, _, axis=axis: _tick(value, axis.get_majorticklocs(), lang))


def _tick(value: float, ticks: np.ndarray, lang: str) -> str:
    """Write a tick with as many decimals as its neighbours need; whole ones without marks, since they may be years."""
    digits = next((digits for digits in range(4) if np.allclose(ticks, np.round(ticks, digits), atol=1e-9)), 4)
    return number(value, lang, digits) if digits else f"{value:.0f}".replace("-", "−")


@contextlib.contextmanager
def house_style(theme: str) -> Iterator[None]:
    """Set fonts, colours and a fixed hash salt while a figure is drawn, so that equal rows give equal bytes."""
    tones = THEMES[theme]
    settings: dict[str, Any] = {
        "font.family": "DejaVu Sans", "font.size": 9.5, "svg.fonttype": "path", "svg.hashsalt": "analysis",
        "text.color": tones["ink"], "axes.labelcolor": tones["muted"], "axes.edgecolor": tones["rule"],
        "xtick.color": tones["muted"], "ytick.color": tones["ink"], "grid.color": tones["rule"],
        "grid.linewidth": 0.7, "axes.facecolor": tones["plate"], "figure.facecolor": tones["plate"],
        "text.parse_math": False, "axes.unicode_minus": True,
    }  # fmt: skip
    with mpl.rc_context(settings):
        yield


def to_svg(figure: Figure) -> str:
    """Write a figure as compact SVG text without dates."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return re.sub(r'(?<= d=")[^"]+', lambda path: LONG.sub(r"\1", path.group()), buffer.getvalue())
