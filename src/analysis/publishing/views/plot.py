"""An estimate drawn with the figure made for its rows, for who explores; a page draws what the gate released."""

from __future__ import annotations

from matplotlib.figure import Figure

from analysis.estimate import Estimate
from analysis.publishing.views import attainment, balance, change, forest, published
from analysis.publishing.views.style import Style, house_style
from analysis.text import user_language


def plot(estimate: Estimate, lang: str | None = None) -> Figure:
    """Draw an estimate as it is, unprotected: never for a page."""
    terms, style = set(estimate.table["term"]), Style(lang or user_language())
    with house_style("light"):
        if "comparison" in estimate.details:
            return published.AGAINST.draw(published.lay_out([estimate.spec["case"]]), style=style)
        if estimate.table["estimand"].isin(balance.APART).any():
            chart = balance.LOVE
        elif "opening" in terms:
            chart = change.WATERFALL
        else:
            chart = attainment.BULLETS if "members" in terms else forest.FOREST
        return chart.draw(chart.keep(estimate.table.assign(suppressed=False)), style=style)
