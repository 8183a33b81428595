"""Which office a post of the synthetic province is, and who manages its holder: assumed, by sector, grade and unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.registry.contract import CODES
from analysis.synthetic.parameters import COMMUNE, SERVICE

NOWHERE = -1
TOP = {6: "committee_vice_province", 7: "committee_chair_province", 8: "secretary_province"}
PARTY_TOP = {6: "council_vice_province", 7: "deputy_secretary_province"}
PROVINCE = {1: "division_deputy_province", 2: "division_deputy_province", 3: "division_head_province"}
STATE_PROVINCE = PROVINCE | {4: "department_deputy", 5: "department_head"} | TOP
PARTY_PROVINCE = PROVINCE | {4: "party_body_deputy_province", 5: "party_body_head_province"} | TOP | PARTY_TOP
STATE_DISTRICT = {
    1: "division_deputy_district", 2: "division_head_district", 3: "division_head_district",
    4: "committee_vice_district", 5: "committee_chair_district",
} | TOP  # fmt: skip
PARTY_DISTRICT = {
    1: "party_body_deputy_district", 2: "party_body_deputy_district", 3: "party_body_head_district",
    4: "deputy_secretary_district", 5: "secretary_district",
} | TOP | PARTY_TOP  # fmt: skip
UNIT_PROVINCE = {3: "unit_deputy_province", 4: "unit_head_province"}
UNIT_DISTRICT = {1: "unit_deputy_district", 2: "unit_head_district", 3: "unit_head_district", 4: "unit_head_district"}
DEPUTIES = ("committee_vice_commune", "council_vice_commune", "deputy_secretary_commune", "front_deputy_commune")
HEADS = ("committee_chair_commune", "council_chair_commune", "secretary_commune", "front_head_commune")
MANAGERS = np.array([3, 2, 2, 2, 1, 1, 0, 0, 0])  # by grade, places of CODES["manager"]


def offices_of(units: pd.DataFrame, unit: np.ndarray, grade: np.ndarray, sector: np.ndarray, person: np.ndarray):
    """Give the place of each post's office in the codes of the contract, -1 for none.

    The four offices of a commune's deputies, and those of its heads, go by the person: whoever stays keeps the office.
    """
    codes = {code: place for place, code in enumerate(CODES["office"])}
    table = np.full((5, 9), NOWHERE)
    for row, offices in enumerate((STATE_PROVINCE, PARTY_PROVINCE, STATE_DISTRICT, PARTY_DISTRICT, UNIT_PROVINCE)):
        for step, office in offices.items():
            table[row, step] = codes[office]
    schools = np.array([codes.get(UNIT_DISTRICT.get(step, ""), NOWHERE) for step in range(9)])
    district, party = units["level"].ne("province").to_numpy()[unit], units["kind"].ne("state").to_numpy()[unit]
    office = table[np.where(sector == SERVICE, 4, 2 * district + party), grade]
    office = np.where((sector == SERVICE) & district, schools[grade], office)
    communes = np.array([[codes[one] for one in ranks] for ranks in (DEPUTIES, HEADS)])
    ours = (sector == COMMUNE) & (grade > 0)
    return np.where(ours, communes[np.clip(grade - 1, 0, 1), person % len(HEADS)], office)
