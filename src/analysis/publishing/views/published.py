"""Published answers beside ours: the figure, the table and the sentence of what comes out again."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.effects.validation import read_answers
from analysis.publishing.drawing.style import Style, band_of_likeness
from analysis.publishing.drawing.tables import Told, figure_view, html_table, pick
from analysis.publishing.drawing.view import Rows, View, Words, each
from analysis.words import Message, language, number, say

EDGE = 1.6  # where answers further off than this many tolerances are drawn


def lay_out(rows: Rows) -> Rows:
    """Lay rows of reproductions out: one row an answer, published and ours, with its tolerance and words."""
    known = [
        {
            "lead": False,
            "tolerance": case["tolerance"],
            **one,
            "run": name,
            "term": term,
            "source": case["source"],
            "title": case["title"][language()],
            "name": one[language()],
        }
        for name, case in read_answers().items()
        for term, one in case["answers"].items()
    ]
    values = pick(rows, estimand="reproduction").pivot_table("estimate", ["run", "term"], "method")
    wide = pd.DataFrame(known).merge(values, on=["run", "term"])
    wide["difference"] = wide["reproduced"] - wide["published"]
    return wide.assign(within=wide["difference"].abs() <= wide["tolerance"])


def _ours(row: pd.Series, value: str = "reproduced", more: int = 0) -> str:
    """Write a number with the decimals that show a difference as small as the tolerance."""
    digits = 0 if row["tolerance"] >= 0.1 else int(np.ceil(-np.log10(row["tolerance"]) - 1e-9))
    return number(row[value], digits + more)


def _as_printed(row: pd.Series) -> str:
    """Write a published number with the decimals it was printed with, closing zeros apart."""
    return number(row["published"], len(f"{row['published']:.10f}".rstrip("0").partition(".")[2]))


def _lead(wide: Rows) -> Rows:
    return wide[wide["lead"] | ~wide["within"]].reset_index(drop=True)


def _title(wide: Rows) -> str:
    return say(
        "{inside} of {total} published numbers come out again", inside=int(wide["within"].sum()), total=len(wide)
    )


def _against(rows: Rows, style: Style) -> Figure:
    shown = _lead(lay_out(rows))
    places = -1.2 * pd.factorize(shown["title"])[0] - 1.2 - shown.index
    figure, axes = style.canvas(0.8 - 0.27 * places.min(), 0.8 - 0.36 * places.min())
    band_of_likeness(axes, 1)
    for place, (row, y) in enumerate(zip(each(shown), places, strict=True)):
        color = "has" if row["within"] else "gap"
        axes.plot(np.clip(row["difference"] / row["tolerance"], -EDGE, EDGE), y, "o", color=color)
        pair = style.wrap(f"{_as_printed(row)} → {_ours(row)}")
        axes.text(1, y, pair, va="center", ha="right", fontsize=8, color=color, transform=axes.get_yaxis_transform())
        if row["title"] not in shown["title"][:place].tolist():
            axes.text(-EDGE, y + 0.95, style.wrap(row["title"]), va="center", fontsize=9, weight="bold")
    axes.set_yticks(places, map(style.wrap, shown["name"]))
    axes.set(ylim=(places.min() - 0.7, 0), xlim=(-EDGE - 0.1, EDGE + (2.4 if style.narrow else 1.7)), xticks=[-1, 0, 1])
    axes.set_xlabel(say("difference, in tolerances"), x=0.3)
    return figure


def _laid_out(rows: Rows) -> str:
    """Lay out published numbers, ours, their difference and whether it is within the tolerance."""
    wide, yes, no = lay_out(rows), say("yes"), say("no")
    several = len(set(wide["title"])) > 1
    cells = [
        [
            f"{row['title']} · " * several + row["name"],
            _as_printed(row),
            _ours(row),
            _ours(row, "difference", 1),
            _ours(row, "tolerance"),
            yes if row["within"] else no,
        ]
        for row in each(wide)
    ]
    return html_table(say("Quantity | Published | Ours | Difference | Tolerance | Within"), cells)


@figure_view(
    _against,
    Message("{inside} of {total} published numbers come out again", inside=0, total=0),
    Message(
        "Each point: ours less the published number, in units of the tolerance set for it beforehand; the band "
        "holds what counts as reproduced. Beside it: published → ours. Headline numbers only, and any that were "
        "missed; all stand in the tables."
    ),
    data=_laid_out,
)
def against(rows: Rows) -> Told:
    """Say the headline numbers as published and as computed here."""
    wide = lay_out(rows)
    return _title(wide), [f"{row['name']}: {_as_printed(row)} → {_ours(row)}" for row in each(_lead(wide))]


def _table_words(rows: Rows) -> Words:
    """Say whose answers are laid out, and where they were published."""
    titles, sources = ("; ".join(lay_out(rows)[name].unique()) for name in ("title", "source"))
    note = say("Source of the published numbers: {sources}.", sources=sources)
    return {"title": titles, "html": _laid_out(rows), "note": note}


def missed(rows: Rows) -> list[str]:
    """Name the published numbers that do not come out again."""
    wide = lay_out(rows)
    return wide.loc[~wide["within"], "name"].tolist()


def say_inside(rows: Rows) -> str:
    """Say how many published numbers come out again, from public data, and which do not."""
    wide, names = lay_out(rows), missed(rows)
    text = say(
        "{title}, each within a tolerance set beforehand, from {count} public data sets",
        title=_title(wide),
        count=len(set(wide["run"])),
    )
    return text + (
        say(". Missed: {names}.", names=", ".join(names)) if names else say(": the estimators compute what they claim.")
    )


table = View(role="table", say=_table_words)
