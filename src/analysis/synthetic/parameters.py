"""Every parameter of the synthetic province, with its standing.

Found = a published number (domain.md part 4), derived = computed from found numbers, assumed = chosen here.
Hazards are yearly and per person: within a month an event has probability 1 - exp(-hazard / 12). Multipliers act
on hazards. Months are counted from 1970-01, as numpy does.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cache

import numpy as np

DISTRICT_AND_UP, COMMUNE, SERVICE = range(3)  # sectors
FIELDS = (
    "public_administration", "economics", "law", "agriculture", "health", "education",
    "information_technology", "environment", "party_building",
)  # fmt: skip
SHORTAGE = ("agriculture", "health", "information_technology", "environment")  # as fields.csv says


Row = tuple[float, ...]  # a number a sector, a grade or a rating
Rows = tuple[Row, ...]
Periods = tuple[tuple[str, str, float], ...]  # first month, last month, multiplier
FREEZES: Periods = (("2024-12", "2025-02", 0.4), ("2025-03", "2025-06", 0.15))  # dates found, sizes assumed


@cache
def month(text: str) -> int:
    """Count months from 1970-01 to `YYYY-MM`."""
    return int(np.datetime64(text, "M").astype(int))


@dataclass(frozen=True)
class Effect:
    """What a postgraduate course does, as multipliers of monthly hazards; `NO_EFFECT` has every one at 1."""

    full_time: float = 0.4  # promotion, while studying full time
    in_service: float = 0.9  # promotion, while studying beside work
    first_year: float = 1.9  # promotion, months 0-11 since completion
    second_year: float = 1.7  # promotion, months 12-23 since completion
    later: float = 1.4  # promotion, from month 24 since completion (older degrees too)
    planning: float = 1.3  # entering planning, once a course is started or completed
    leaving: float = 0.8  # resigning, once a course is started or completed (repayment is due)


NO_EFFECT = Effect(1, 1, 1, 1, 1, 1, 1)


@dataclass(frozen=True)
class Paper:
    """What is planted in the records alone: it moves nobody, so that the effect on promotion does not know of it."""

    field_match: float = 0.35  # share of completers whose posts from then on ask for the field studied; 0 = chance
    repaid: float = 0.6  # share of those who broke their commitment who paid
    delivered: float = 0.9  # share of planned seats that are used; 1 = all, with the factors below
    delivered_weak: float = 0.7  # in every `weak_units`-th unit
    weak_units: int = 3
    delivered_2021: float = 0.6
    delivered_shortage: float = 0.75  # in the fields of SHORTAGE
    empty_lines: float = 0.15  # planned lines that nobody fills, a year, unit and kind of postgraduate seats; 0 = none
    owed: float = 0.12  # share of the holders of an office that asks for a level of theory who do not hold it; assumed
    certificates_lost: float = 0.0  # share of theory certificates that are not in the file
    short_dropped: float = 0.03  # share of short courses broken off in class; 0 = none
    online_gap: float = 0.04  # how much more often online, in shares; 0 = alike
    closed_starts: float = 0.2  # short courses that begin in July to October 2021, times the usual; 1 = as ever
    moved_online: float = 0.6  # share of the classes of those months that go online (0.25 online becomes 0.7); 0 = none
    cost_by_mode: Row = (1.0, 0.7, 0.4)  # a seat in class, beside work, online, times the usual; 1 each = alike


@dataclass(frozen=True)
class Settings:
    """One province; change it with `dataclasses.replace`."""

    # Calendar. Found: project 10/9/2021, last day of the province 30/6/2025. Assumed: the registry's start.
    begins: str = "2012-01"  # hidden years before the registry, so that spells at its start have a past
    covers_from: str = "2015-01"
    extracted: str = "2025-06"
    project: str = "2021-09"

    # Heads at 31/12/2023 by sector, found: 1,738, 2,183 and 20,062 of 23,983.
    shares: Row = (1738 / 23983, 2183 / 23983, 20062 / 23983)
    minority: Row = (0.1554, 0.1328, 0.3093)  # found
    minority_kinds: Row = (0.84, 0.14, 0.02)  # Khmer, Hoa, other; assumed from population shares
    female: Row = (0.36, 0.34, 0.66)  # assumed

    # Share of each sector at each grade (0, 1, ...) at the beginning; assumed, near the flows' balance.
    grades: Rows = (
        (0.345, 0.190, 0.160, 0.145, 0.120, 0.036, 0.006, 0.002, 0.002),
        (0.640, 0.235, 0.125),
        (0.876, 0.084, 0.0345, 0.0045, 0.001),
    )
    # Share with a postgraduate degree at the beginning, and of recruits, by sector and by grade; assumed.
    degrees: Rows = (
        (0.035, 0.025, 0.035, 0.10, 0.38, 0.52, 0.60, 0.70, 0.80),
        (0.015, 0.03, 0.06),
        (0.03, 0.05, 0.08, 0.15, 0.30),
    )
    degrees_of_recruits: Row = (0.04, 0.015, 0.025)
    degrees_of_lecturers: float = 0.26  # at the beginning; published 25 to 26 percent in 2008-10
    degree_unverified: float = 0.08  # assumed

    # Yearly promotion hazards by sector and present grade; no source exists. From grade 1 only the planned.
    promotion: Rows = (
        (0.042, 0.220, 0.175, 0.150, 0.075, 0.05, 0.10, 0.15, 0.0),
        (0.022, 0.095, 0.060),
        (0.0066, 0.110, 0.060, 0.060, 0.0),
    )
    promotion_planned: float = 5.0  # first post, planned against not
    promotion_rating: Row = (0.0, 0.3, 1.0, 1.5)  # poor, fair, good, excellent
    promotion_party: float = 1.6
    promotion_female: float = 0.85
    promotion_minority: float = 0.90
    promotion_months: Periods = (  # congresses found; sizes assumed
        ("2015-05", "2015-12", 1.8),
        ("2020-05", "2020-08", 1.9),
        ("2020-10", "2020-12", 2.4),
        *FREEZES,
    )
    planning_months: Periods = FREEZES[1:]  # planning was suspended in 2025; size assumed
    fixed_vacancies: bool = False  # promotions a month and band fixed: one person's post is another's loss

    # Planning: the main, time-varying, measured common cause. Assumed.
    planning: Row = (0.016, 0.22, 0.22, 0.22, 0.22, 0.16, 0.12, 0.10, 0.0)
    planning_rating: Row = (0.0, 0.3, 1.0, 1.8)
    planning_party: float = 2.5
    planning_female: float = 0.9
    planning_minority: float = 0.95
    planning_ends: float = 0.14

    # Ratings of a year given the last: rows poor, fair, good, excellent. Assumed.
    ratings: Rows = (
        (0.10, 0.40, 0.47, 0.03),
        (0.02, 0.28, 0.63, 0.07),
        (0.006, 0.064, 0.79, 0.14),
        (0.004, 0.036, 0.48, 0.48),
    )
    party: Rows = ((0.62, 0.97), (0.75, 0.98), (0.36, 0.85))  # staff, leaders; assumed
    party_joins: float = 0.025
    discipline: float = 0.004  # assumed; bars planning, sending and appointment for 12 months (found)

    # Sending to postgraduate courses; gates found (decree 101/2017), sizes assumed.
    intake: float = 1.0  # multiplies every chance to be nominated
    intake_months: tuple[int, ...] = (4, 10)
    nomination_leads: tuple[int, ...] = (2, 3, 4)  # months before the intake in which names are sent in
    nominated: Row = (0.0060, 0.003, 0.0044)  # an intake, sector by sector, staff not planned
    nominated_leader: float = 1.6
    nominated_planned: float = 3.5
    nominated_rating: Row = (0.2, 0.4, 1.0, 1.7)  # below good only public employees may be sent
    nominated_older: float = 0.25  # past forty, where that is no bar
    nominated_party: float = 1.3
    nominated_female: float = 0.85
    nominated_minority: float = 0.80
    nominated_project: float = 1.9  # more seats from the project's date
    never_starts: float = 0.09
    # A year; leaders over the age gate, on their own account, by grade; the project's factor applies too.
    self_study: Row = (0.0, 0.006, 0.008, 0.03, 0.06, 0.06, 0.06, 0.06, 0.0)
    full_time: float = 0.35
    doctor: float = 0.03
    specialist: float = 0.35  # of starts in the service sector, in health
    dropped: float = 0.04  # with the next: about 93 percent complete (found for another course)
    dropped_female: float = 1.0
    dropped_minority: float = 1.0
    suspended: float = 0.015
    overruns: float = 0.18

    # Other courses, a year and per head; about 816 and 120 a year found; no effect is planted.
    theory_intermediate: float = 0.27  # of Party members without
    theory_advanced: float = 0.055  # of leaders with the intermediate
    short_courses: tuple[tuple[str, float], ...] = (
        ("state_management", 0.025), ("defence", 0.020), ("digital", 0.025), ("professional", 0.060),
        ("minority_language", 0.006), ("study_tour", 0.001),
    )  # fmt: skip
    courses_planned: float = 2.5

    # Leaving. Retirement ages found; the rest assumed; the wave of 2025H1 found, about 22 percent.
    resignation: Row = (0.008, 0.008, 0.011)
    early_retirement: float = 0.02  # in the last five years
    transfer_out: float = 0.003
    death: float = 0.0012
    dismissal: float = 0.0006
    wave_months: tuple[str, str] = ("2025-01", "2025-06")
    wave: Row = (0.50, 0.50, 0.035)  # a year, before age
    wave_age: tuple[float, float] = (0.75, 2.0)  # under 50, from 50
    recruiting: float = 0.5  # share of the missing heads recruited each month, until the freeze
    recruiting_ends: str = "2024-11"

    # Moves that are no promotion, a year: lateral, rotation, secondment, acting, concurrent post. Assumed.
    moves: Row = (0.012, 0.006, 0.002, 0.004, 0.004)

    # Seats. Found: standing committee 15, congress 14/10/2020, 11 districts. Assumed: the rest.
    seats: tuple[int, ...] = (50, 15, 35, 11)  # province committee, its standing; a district's, its standing
    congress_turnover: float = 0.35
    congress_turnover_sd: float = 0.05
    seat_degree: tuple[float, float] = (4.0, 1.5)  # odds of a seat with a degree, province and district; no
    # part of the planted effect on posts
    seat_fill: float = 0.2  # a vacancy's chance to be filled in a month

    # How units differ beyond chance: sd of log multipliers, one a unit right below the province; 0 = alike. Assumed.
    unit_sending: float = 0.25  # on being nominated
    unit_promotion: float = 0.15

    # What nobody measures.
    anticipation: float = 0.25  # 0 = off, 1 = the full two multipliers below
    tipped: float = 0.05  # a year, of the planned: a decision is near for six months
    tipped_start: float = 3.0
    tipped_promotion: float = 4.0
    cause_share: float = 0.5
    cause_start: float = 1.0  # stable cause on being sent; 1 = off
    cause_promotion: float = 1.0  # the same cause on promotion; 1 = off
    shock_enrolment: float = 0.08  # sd of a year's common shock, log scale
    shock_leaving: float = 0.06
    shock_dropping: float = 0.10

    effect: Effect = Effect()
    paper: Paper = Paper()


DEFAULT = Settings()


def digest(settings: Settings) -> str:
    """Name a parameter set: sha256 of its canonical JSON, what is planted on paper alone left out."""
    played = {name: value for name, value in dataclasses.asdict(settings).items() if name != "paper"}
    text = json.dumps(played, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
