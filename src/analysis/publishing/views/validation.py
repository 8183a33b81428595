"""Do the methods find what was planted, and what does a right comparison still not say."""

from __future__ import annotations

from analysis.publishing.drawing.tables import Cells, pick, table_view, value_of
from analysis.publishing.drawing.view import Rows, answer_view
from analysis.publishing.views.forest import differences, found, planted
from analysis.publishing.views.published import missed, say_inside
from analysis.publishing.views.trials import against_truth
from analysis.words import Message, say

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
    rows = rows[rows["method"] != "planted"].assign(term=rows["estimand"])
    return [[words.say(), value_of(rows, estimand)] for estimand, words in COMPARED.items()]


@answer_view
def answer(rows: Rows, *, primary: int = 36) -> tuple[list[str], str]:
    """Say the planted truth, how far the comparisons lie from it, what that means, and that published numbers recur."""
    lines, again = against_truth(rows, primary=primary), say_inside(rows)
    if len(lines) == 3:
        lines.append(
            say(
                "What it means: the answer is the interval, not the point; a comparison whose interval misses the "
                "truth would have misled whoever quoted it."
            )
        )
    met = not missed(rows) and held(rows, primary)
    return [*lines, again], "met" if met else "missed"


def held(rows: Rows, primary: int) -> bool:
    """Say whether the interval of the trials is there and holds the planted truth; it does where none was planted."""
    rows = pick(rows, time=primary)
    truth, ours = planted(rows)["estimate"], found(pick(rows, run="pooled_logistic"), "risk_difference")
    return all(len(ours) and ours["conf_low"].le(one).all() and ours["conf_high"].ge(one).all() for one in truth)


recovered = differences(Message("Every way to compare, beside the planted truth where there is one"))
