"""Two groups' shares beside each other: the ratio, how sure it is a gap that matters, and how many people close it."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np
import scipy  # its parts are loaded where they are used: a run that compares no shares does not wait for them

from analysis.errors import EquityError
from analysis.estimate import Estimate
from analysis.results import entry, give
from analysis.words import Message

LEVEL = 0.95
POINTS = 4000


class Shares(NamedTuple):
    """People chosen of a group and of a reference group."""

    chosen: int
    members: int
    reference_chosen: int
    reference_members: int

    @property
    def ratio(self) -> Fraction:
        """Share of the group over that of the reference."""
        return Fraction(self.chosen * self.reference_members, self.members * self.reference_chosen)


def compare_shares(
    chosen: int, members: int, reference_chosen: int, reference_members: int, *, least: float = 0.8
) -> Estimate:
    """Compare the share `chosen` of a group's `members` with that of a reference group, counted in whole people.

    `reference_chosen` of `reference_members` are those of the reference. Rows: `risk_ratio` with a score interval;
    `probability` that the true ratio is below `least` (Jeffreys priors, in `below[0.8]`); `heads` `shortfall[0.8]` and
    `shortfall[1.0]`, people more that would have had to be chosen; `test` (Fisher's exact). A ratio below `least` is no
    gap by itself: small groups show one often without any.
    Raises EquityError for counts that cannot be; blocked where a group is empty or nobody of the reference is chosen.
    Source: Miettinen and Nurminen (1985), Stat. Med. 4:213-226, for the interval; Brown, Cai and DasGupta (2001), Stat.
    Sci. 16:101-133, for the priors.

    >>> equity.compare_shares(12, 80, 30, 100).pick(estimand="risk_ratio").table["estimate"].round(2).tolist()
    [0.5]
    """
    given = Shares(chosen, members, reference_chosen, reference_members)
    whole = all(float(one).is_integer() and one >= 0 for one in given)
    if not whole or chosen > members or reference_chosen > reference_members:
        raise EquityError(
            "Counts of people are whole, none below 0, and no more are chosen than there are; given {given}.",
            given=tuple(given),
        )
    given = Shares(*map(int, given))
    spec = {**given._asdict(), "least": least}
    base = {"method": "two_shares", "n": given.members + given.reference_members, "n_event": given.chosen}
    if not members or not reference_chosen:
        reason = Message(
            "The shares cannot be compared: a group is empty, or nobody of the reference group was chosen."
        )
        return give(base, [entry("risk_ratio", "ratio")], spec, [reason], "blocked")
    low, high = _score_interval(given)
    table = [[one, size - one] for one, size in (given[:2], given[2:])]
    ratio = {"conf_low": low, "conf_high": high, "conf_level": LEVEL, "interval": "score"}
    rows = [
        entry("risk_ratio", "ratio", float(given.ratio), **ratio),
        entry("probability", f"below[{least}]", _chance_below(given, least)),
        entry("test", "fisher", p_value=float(scipy.stats.fisher_exact(table).pvalue)),
        *(entry("heads", f"shortfall[{one}]", _shortfall(given, one)) for one in (least, 1.0)),
    ]
    return give(base, rows, spec)


def _score_interval(given: Shares) -> tuple[float, float]:
    """Ratios that a score test does not refuse: where the constrained shares explain what was seen."""
    a, m, b, n = given
    edge = scipy.stats.chi2.ppf(LEVEL, 1)

    def refused(ratio: float) -> float:
        two, one, none = (m + n) * ratio, -(m * ratio + a + n + b * ratio), a + b
        share = (-one - np.sqrt(max(one**2 - 4 * two * none, 0))) / (2 * two)
        share = min(max(share, 0.0), 1.0, 1 / ratio)
        spread = ratio * share * (1 - ratio * share) / m + ratio**2 * share * (1 - share) / n
        return (a / m - ratio * b / n) ** 2 - edge * spread * (m + n) / (m + n - 1)

    middle = float(given.ratio)
    low = scipy.optimize.brentq(refused, 1e-9, middle * (1 - 1e-6)) if a else 0.0
    return low, scipy.optimize.brentq(refused, max(middle, 1e-9) * (1 + 1e-6), 1e7)


def _chance_below(given: Shares, least: float) -> float:
    """Give the posterior probability that the ratio is below `least`: the mean over quantiles of the reference."""
    mine, theirs = (scipy.stats.beta(chosen + 0.5, size - chosen + 0.5) for chosen, size in (given[:2], given[2:]))
    return float(mine.cdf(least * theirs.ppf((np.arange(POINTS) + 0.5) / POINTS)).mean())


def _shortfall(given: Shares, part: float) -> int:
    """People more that would have had to be chosen for the ratio to be `part`."""
    wanted = Fraction(str(part)) * Fraction(given.reference_chosen * given.members, given.reference_members)
    return max(ceil(wanted) - given.chosen, 0)
