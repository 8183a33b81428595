"""Two groups' shares beside each other: the ratio, how sure it is to be a gap that matters, and how many people close it."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
from scipy.optimize import brentq
from scipy.stats import beta, chi2, fisher_exact

from analysis.errors import TargetsError
from analysis.estimate import Estimate, blocked
from analysis.text import Text

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
    Source: Miettinen and Nurminen (1985), Stat. Med. 4:213-226, for the interval; Brown, Cai and DasGupta (2001), Stat.
    Sci. 16:101-133, for the priors.
    """
    given = (chosen, members, reference_chosen, reference_members)
    if not all(_is_count(one) for one in given) or chosen > members or reference_chosen > reference_members:
        raise TargetsError(
            en=f"Counts of people are whole, none below 0, and no more are chosen than there are; given {given}.",
            vi=f"Số người phải nguyên, không âm, và số được chọn không vượt số người; đã cho {given}.",
        )
    given = chosen, members, reference_chosen, reference_members = tuple(map(int, given))
    spec = {"chosen": chosen, "members": members, "reference_chosen": reference_chosen,
            "reference_members": reference_members, "least": least}  # fmt: skip
    base = {"method": "two_shares", "population": "ALL", "n": members + reference_members, "n_event": chosen}
    if not members or not reference_chosen:
        reason = Text("The shares cannot be compared: a group is empty, or nobody of the reference group was chosen.",
                      "Không so sánh được hai tỷ lệ: một nhóm không có ai, hoặc nhóm đối chiếu không ai được chọn.")  # fmt: skip
        return blocked([{**base, "estimand": "risk_ratio", "term": "ratio"}], spec, reason)
    low, high = _score_interval(given)
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


def _is_count(value: float) -> bool:
    return bool(np.isfinite(value)) and value >= 0 and value == int(value)


def _score_interval(given: tuple[int, int, int, int]) -> tuple[float, float]:
    """Ratios that a score test does not refuse: where the constrained shares explain what was seen."""
    a, m, b, n = given
    edge = chi2.ppf(LEVEL, 1)

    def refused(ratio: float) -> float:
        two, one, none = (m + n) * ratio, -(m * ratio + a + n + b * ratio), a + b
        share = (-one - np.sqrt(max(one**2 - 4 * two * none, 0))) / (2 * two)
        share = min(max(share, 0.0), 1.0, 1 / ratio)
        spread = ratio * share * (1 - ratio * share) / m + ratio**2 * share * (1 - share) / n
        return (a / m - ratio * b / n) ** 2 - edge * spread * (m + n) / (m + n - 1)

    middle = a * n / (m * b)
    low = 0.0 if a == 0 else brentq(refused, 1e-9, middle * (1 - 1e-6))
    return float(low), float(brentq(refused, max(middle, 1e-9) * (1 + 1e-6), 1e7))


def _chance_below(given: tuple[int, int, int, int], least: float) -> float:
    """Give the posterior probability that the ratio of shares is below `least`: the mean over quantiles of the reference."""
    mine, theirs = (beta(chosen + 0.5, size - chosen + 0.5) for chosen, size in (given[:2], given[2:]))
    return float(mine.cdf(least * theirs.ppf((np.arange(POINTS) + 0.5) / POINTS)).mean())


def _shortfall(given: tuple[int, int, int, int], part: float) -> int:
    chosen, members, reference_chosen, reference_members = given
    wanted = Fraction(str(part)) * Fraction(reference_chosen * members, reference_members)
    return max(ceil(wanted) - chosen, 0)
