"""Which view is meant: by its name, for a page; by an estimate's rows, for who explores."""

from __future__ import annotations

from matplotlib.figure import Figure

from analysis.errors import PublishingError
from analysis.estimate import Estimate
from analysis.publishing.drawing import tables
from analysis.publishing.drawing.style import Style
from analysis.publishing.drawing.svg import picture
from analysis.publishing.drawing.view import View
from analysis.publishing.views import (
    afterwards,
    attainment,
    change,
    checks,
    forest,
    needs,
    outlook,
    owed,
    placed,
    planner,
    published,
    registry,
    trials,
    validation,
)
from analysis.publishing.views.equity import access, gaps, paths, sending
from analysis.publishing.views.variation import shocks, units

MODULES = (
    access, afterwards, attainment, change, checks, forest, gaps, needs, outlook, owed, paths, placed, planner,
    published, registry, sending, shocks, tables, trials, units, validation,
)  # fmt: skip
VIEWS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": view
    for module in MODULES
    for name, view in vars(module).items()
    if isinstance(view, View)
}


def find_view(name: str) -> View:
    """Give the view of a name such as `trials.curves`; raises PublishingError that lists the views there are."""
    if name not in VIEWS:
        raise PublishingError("There is no view {name!r}; there are {views}.", name=name, views=", ".join(VIEWS))
    return VIEWS[name]


def name_of_view(view: View) -> str:
    """Give the name under which a view is found."""
    return next(name for name, known in VIEWS.items() if known is view)


def plot(estimate: Estimate) -> Figure:
    """Draw an estimate as it is, unprotected: never for a page. Of several horizons differences are of the last."""
    rows = estimate.table.assign(why="", suppressed=False, computed=True)
    kinds, terms, view = set(rows["estimand"]), set(rows["term"]), forest.ratios
    if "reproduction" in kinds:
        view = published.against
    elif kinds & set(checks.APART):
        view = checks.love
    elif "opening" in terms:
        view = change.bridge
    elif "members" in terms:
        view = attainment.bullets
    elif "mean_difference" in kinds:
        view = forest.means
    elif "risk" in kinds:
        view = forest.risks
    elif "risk_difference" in kinds:
        return picture(checks.variants, checks.variants.keep(rows), Style(), primary=rows["time"].max())
    return picture(view, view.keep(rows), Style())
