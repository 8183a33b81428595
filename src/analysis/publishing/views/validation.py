"""Do the methods find what was planted, and what does a right comparison still not say."""

from __future__ import annotations

from analysis.publishing.views.forest import differences, found
from analysis.publishing.views.tables import Cells, few, table_view, written
from analysis.publishing.views.view import Rows
from analysis.words import Message

COMPARED = {
    "risk_ratio": Message("Those who start, against those who do not: ratio of risks at 36 months (trials)"),
    "hazard_ratio": Message("Everyone, where courses help against where they do nothing: ratio of monthly hazards"),
}


@table_view(
    Message("With a fixed number of posts, one person's gain is another's wait"),
    Message("Who is compared | Ratio"),
    Message("Synthetic province of its own, courses helping much, promotions a month fixed. 95% intervals."),
)
def fixed_posts(rows: Rows) -> Cells:
    """Lay out how much more those who start rise where posts are fixed, and how much more everyone together does."""
    shown = {estimand: found(rows, estimand) for estimand in COMPARED}
    return [
        [words.say(), written(shown[estimand].iloc[0]) if len(shown[estimand]) else few()]
        for estimand, words in COMPARED.items()
    ]


recovered = differences(Message("Every way to compare, beside the planted truth where there is one"))
