"""Two groups' shares beside each other: the ratio, how sure it is to be a gap that matters, and how many people close it."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
from scipy.stats import beta, fisher_exact
from statsmodels.stats.proportion import confint_proportions_2indep

from ..errors import TargetsError
from ..estimate import Estimate, blocked
from ..text import Text

LEVEL = 0.95
POINTS = 4000


def compare_shares(
    chosen: int, members: int, reference_chosen: int, reference_members: int, *, least: float = 0.8
) -> Estimate:
    """Compare the share chosen of a group with that of a reference group, both counted in whole people.

    Rows: `risk_ratio` with a score interval; `probability` that the true ratio is below `least` (Jeffreys priors, in
    `below[0.8]`); `heads` `shortfall[0.8]` and `shortfall[1.0]`, people more that would have had to be chosen; `test`
    (Fisher's exact). A ratio below `least` is no gap by itself: small groups show one often without any.
    Raises TargetsError for counts that cannot be; blocked where a group is empty or nobody of the reference is chosen.
    Source: Koopman (1984), Biometrics 40:513-517, for the interval; Brown, Cai and DasGupta (2001), Stat. Sci. 16:101-133.
    """
    given = (chosen, members, reference_chosen, reference_members)
    if any(one != int(one) or one < 0 for one in given) or chosen > members or reference_chosen > reference_members:
        raise TargetsError(
            en=f"Counts of people are whole, none below 0, and no more are chosen than there are; given {given}.",
            vi=f"Số người phải nguyên, không âm, và số được chọn không vượt số người; đã cho {given}.",
        )
    spec = {"chosen": chosen, "members": members, "reference_chosen": reference_chosen,
            "reference_members": reference_members, "least": least}  # fmt: skip
    base = {"method": "two_shares", "population": "ALL", "n": members + reference_members, "n_event": chosen}
    if not members or not reference_chosen:
        reason = Text("The shares cannot be compared: a group is empty, or nobody of the reference group was chosen.",
                      "Không so sánh được hai tỷ lệ: một nhóm không có ai, hoặc nhóm đối chiếu không ai được chọn.")  # fmt: skip
        return blocked([{**base, "estimand": "risk_ratio", "term": "ratio"}], spec, reason)
    low, high = confint_proportions_2indep(*given, compare="ratio", method="score", alpha=1 - LEVEL)
    ratio = Fraction(chosen * reference_members, members * reference_chosen)
    rest = [[chosen, members - chosen], [reference_chosen, reference_members - reference_chosen]]
    rows = [
        {"estimand": "risk_ratio", "term": "ratio", "estimate": float(ratio), "conf_low": low, "conf_high": high,
         "conf_level": LEVEL, "interval": "score"},
        {"estimand": "probability", "term": f"below[{least}]", "estimate": _chance_below(given, least)},
        {"estimand": "test", "term": "fisher", "p_value": float(fisher_exact(rest).pvalue)},
        *({"estimand": "heads", "term": f"shortfall[{one}]", "estimate": _shortfall(given, one)} for one in (least, 1.0)),
    ]  # fmt: skip
    return Estimate(table=[{**base, **row} for row in rows], spec=spec)


def _chance_below(given: tuple[int, int, int, int], least: float) -> float:
    """Give the posterior probability that the ratio of shares is below `least`: the mean over quantiles of the reference."""
    mine, theirs = (beta(chosen + 0.5, size - chosen + 0.5) for chosen, size in (given[:2], given[2:]))
    return float(mine.cdf(least * theirs.ppf((np.arange(POINTS) + 0.5) / POINTS)).mean())


def _shortfall(given: tuple[int, int, int, int], part: float) -> int:
    chosen, members, reference_chosen, reference_members = given
    wanted = Fraction(str(part)) * Fraction(reference_chosen * members, reference_members)
    return max(ceil(wanted) - chosen, 0)
