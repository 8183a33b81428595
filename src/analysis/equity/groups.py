"""The groups that the project asks to be seen to, and with whom each is compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import EquityError, check_lists, check_options

MINORITY = ("khmer", "hoa", "other")
YOUNG = ("<30", "30-39")  # of risktime.AGES: under forty, as QĐ 50-QĐ/TW counts the young


class Group(NamedTuple):
    """Who is of a group, and who of its reference: words that a column may have, of all columns named."""

    focal: dict[str, tuple[str, ...]]
    reference: dict[str, tuple[str, ...]]

    def side(self, cells: pd.DataFrame) -> np.ndarray:
        """Say of each row whether it is of the group (1), of the reference (0) or of neither (-1)."""
        mine, theirs = (
            np.logical_and.reduce([cells[name].isin(words) for name, words in wanted.items()])
            for wanted in (self.focal, self.reference)
        )
        return np.where(mine, 1, np.where(theirs, 0, -1))


Words = dict[str, tuple[str, ...]]
WOMEN: Words = {"sex": ("female",)}
MEN: Words = {"sex": ("male",)}
MINORITIES: Words = {"ethnicity": MINORITY}
KINH: Words = {"ethnicity": ("kinh",)}
UNDER_40: Words = {"age": YOUNG}
FROM_40: Words = {"age": ("40-49", "50+")}
GROUPS: dict[str, Group] = {
    "sex[female]": Group(WOMEN, MEN),
    "ethnicity[minority]": Group(MINORITIES, KINH),
    **{f"ethnicity[{one}]": Group({"ethnicity": (one,)}, KINH) for one in MINORITY},
    "age[under_40]": Group(UNDER_40, FROM_40),
    "sex[female]:ethnicity[minority]": Group(WOMEN | MINORITIES, MEN | KINH),
    "sex[female]:age[under_40]": Group(WOMEN | UNDER_40, MEN | UNDER_40),
}


def check_groups(groups: Iterable[str]) -> None:
    """Refuse what is no list of names of `GROUPS`."""
    check_lists(EquityError, groups=groups)
    for name in groups:
        check_options(EquityError, groups=(name, tuple(GROUPS)))
