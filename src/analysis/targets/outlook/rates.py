"""What happened a month in the past, with pooled priors: the rates that carry groups forward, and how unsure they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.targets.outlook.ladder import RUNGS, Ladder
from analysis.targets.outlook.panel import STUDYING, UNTRAINED, WAITING, Panel

NEAR = 60  # months before retirement in which leaving early is common
YOUNG = 480  # months of age: past it only few are sent
BOUND = (
    72  # months that a course and the service owed after it take: with less left before retirement hardly anyone enrols
)
RARE = 250
STAGED = ("move", "climb", "rise")  # pooled over what people have, not over where they stand
OVER_A_TERM = ("climb", "rise", "pass")  # after a congress those ready to rise have gone, and grow anew until the next
EVEN = ("fill", "pass")  # what time does not move
HOME = ("T2", "T4", "T3", "T1")  # the group whose enrolment rate a member of several follows


@dataclass(frozen=True, kw_only=True)
class History:
    """Events and person-months seen, by stratum: arrays of the same shape, one pair a kind of event.

    Kinds: `quit` (far from, near retirement), `move` (group x neither, studying, has: out of the group), `climb` (the
    same for the group at the foot of a ladder, by rung and whether the post was held long enough), `rise` (a rung up
    within it, by the same), `enrol` (group x young,
    older, too near retirement),
    `drop` (one), `fill` (group: vacancies filled, of vacancy-months), `enter` (group: newcomers, of months), `pass` (from
    group x to group: those who left one for another in the same month, of who left; a last row for those of the
    ladder below its top rung). `rungs` counts the newcomers of the ladder by rung. `mix` counts the newcomers of
    each group by status, `now` its members; `size` is the most members seen; `young` the share of its newcomers who are.
    """

    events: Mapping[str, np.ndarray]
    exposure: Mapping[str, np.ndarray]
    mix: np.ndarray
    now: np.ndarray
    size: np.ndarray
    young: np.ndarray
    rungs: np.ndarray

    def replaced(self, other: History, *kinds: str) -> History:
        """Take some kinds of event from another history."""
        events, exposure = ({**mine, **{kind: theirs[kind] for kind in kinds}}
                            for mine, theirs in ((self.events, other.events), (self.exposure, other.exposure)))  # fmt: skip
        return replace(self, events=events, exposure=exposure)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Draws of monthly rates: stratum x draw for each kind of `History`, and `mix[group, status, draw]`.

    `drift` is what a month adds to the log odds that a newcomer counts, from the middle of the history, `age` months ago;
    `policy[draw]` is how far enrolment to come differs from the past, of members and of those who will be newcomers.
    """

    monthly: Mapping[str, np.ndarray]
    mix: np.ndarray
    size: np.ndarray
    young: np.ndarray
    rungs: np.ndarray = None
    policy: np.ndarray | float = 1.0
    drift: float = 0.0
    age: float = 0.0


def count_history(
    panel: Panel,
    *,
    since: int,
    elections: Mapping[str, set[int]],
    seats: tuple[bool, ...],
    size: np.ndarray | None = None,
    skip: Collection[int] = (),
) -> History:
    """Count what happened between consecutive days of the panel.

    Enrolments count from month number `since`; months of a congress (`elections`, month numbers a target) are left out
    of the moves of its group, those of `skip` out of everything. Retirement at age is a known fact and no event. Who leaves one group of posts for another
    passes between them and is no newcomer; groups of `seats` are entered by election only.
    """
    groups = len(panel.targets)
    shapes = {"quit": 2, "move": (groups, 3), "climb": (2 * RUNGS, 3), "rise": (2 * RUNGS, 3), "enrol": (groups, 3),
              "drop": 1, "fill": groups, "enter": groups, "pass": (groups + 1, groups)}  # fmt: skip
    events, exposure = ({kind: np.zeros(shape) for kind, shape in shapes.items()} for _ in range(2))
    mix, fresh, posts = np.zeros((groups, 4)), np.zeros((2, groups)), ~np.array(seats)
    ladder, rungs = panel.ladder, np.zeros(RUNGS)
    size = panel.member.sum(axis=1).max(axis=1) if size is None else size
    for place, now in enumerate(panel.months[1:], start=1):
        if now in skip:
            continue
        was, here = panel.member[:, :, place - 1], panel.member[:, :, place]
        before, after = panel.status[:, place - 1], panel.status[:, place]
        left = panel.exits <= now
        aged = left & (panel.retires <= now + 1)
        inside = was.any(axis=0) & ~aged
        near = (panel.retires - now < NEAR).astype(int)
        _add(events["quit"], exposure["quit"], near, left, inside)
        stay = inside & here.any(axis=0)
        student = stay & (before == STUDYING)
        _add(events["drop"], exposure["drop"], np.zeros(len(near), dtype=int), after == UNTRAINED, student)
        if now > since:
            stratum = home_of(panel.targets, was) * 3 + age_class(panel.born, panel.retires, now)
            _add(events["enrol"].reshape(-1), exposure["enrol"].reshape(-1), stratum, after != UNTRAINED,
                 stay & (before == UNTRAINED))  # fmt: skip
        for group, name in enumerate(panel.targets):
            if now in elections.get(name, ()):
                continue
            new = here[group] & ~was[group]
            exposure["pass"][:, group] += _by_row(was & ~here & ~left, ladder, place - 1)
            if group == ladder.group:
                stratum = ladder.stratum(place - 1, now) * 3 + before % WAITING
                _add(
                    events["climb"].reshape(-1),
                    exposure["climb"].reshape(-1),
                    stratum,
                    ~here[group],
                    was[group] & ~left,
                )
                higher = ladder.rung[:, place] < ladder.rung[:, place - 1]
                _add(
                    events["rise"].reshape(-1), exposure["rise"].reshape(-1), stratum, higher, was[group] & here[group]
                )
                rungs += np.bincount(ladder.rung[new, place], minlength=RUNGS)
            else:
                _add(events["move"][group], exposure["move"][group], before % WAITING, ~here[group], was[group] & ~left)
            if not seats[group]:
                passed = new & (was & ~here).T[:, posts].any(axis=1)
                events["pass"][:, group] += _by_row(was & ~here & new, ladder, place - 1) * np.append(posts, True)
                new = new & ~passed
            mix[group] += np.bincount(after[new], minlength=4)
            events["enter"][group] += new.sum()
            exposure["enter"][group] += 1
            exposure["fill"][group] += max(size[group] - was[group].sum(), new.sum()) * seats[group]
            fresh[0, group] += (now - panel.born[new] <= YOUNG).sum()
            fresh[1, group] += new.sum()
    events["fill"] = events["enter"] * np.array(seats)
    young = (fresh[0] + 1) / (fresh[1] + 2)
    last = [np.bincount(panel.status[inside, -1], minlength=4) for inside in panel.member[:, :, -1]]
    return History(events=events, exposure=exposure, mix=mix, now=np.array(last), size=size, young=young, rungs=rungs)


def _by_row(who: np.ndarray, ladder: Ladder, place: int) -> np.ndarray:
    """Count people of each group, those of the ladder below its top rung apart at the end."""
    below = 0
    if ladder.group >= 0:
        below = int((who[ladder.group] & (ladder.rung[:, place] > 0)).sum())
    rows = np.append(who.sum(axis=1), below)
    rows[ladder.group] -= below * (ladder.group >= 0)
    return rows


def _add(events: np.ndarray, exposure: np.ndarray, stratum: np.ndarray, happened: np.ndarray, who: np.ndarray) -> None:
    events += np.bincount(stratum[who], happened[who], minlength=len(events))
    exposure += np.bincount(stratum[who], minlength=len(exposure))


def age_class(born: np.ndarray, retires: np.ndarray, now: int) -> np.ndarray:
    """Say of people in a month: 0 young enough to be sent, 1 older, 2 too near retirement to study and serve after."""
    return np.where(retires - now < BOUND, 2, (now - born > YOUNG).astype(int))


def home_of(targets: tuple[str, ...], member: np.ndarray) -> np.ndarray:
    """Give each person the place of the group whose enrolment rate they follow (0 where in none)."""
    order = [name for name in HOME if name in targets] + [name for name in targets if name not in HOME]
    home = np.zeros(member.shape[1], dtype=int)
    for name in reversed(order):
        place = targets.index(name)
        home[member[place]] = place
    return home


def draw_rates(
    history: History, draws: int, rng: np.random.Generator, *, prior_events: float, drift_sd: float = 0.0
) -> Rates:
    """Draw monthly rates from Beta (newcomers: Gamma) posteriors whose prior is the rate pooled over groups (moves: over
    the statuses of a group). `drift_sd` is how far (sd of the log) a rate to come may differ from the past one for good.

    The prior weighs as much as `prior_events` events; the mix of newcomers has a Dirichlet prior of as many people, like
    the members of today.
    """
    monthly, policy = {}, np.ones(draws)
    for kind, seen in history.events.items():
        happened, at_risk = seen.reshape(-1, 1), history.exposure[kind].reshape(-1, 1)
        size = (len(happened), draws)
        if kind == "enter":
            monthly[kind] = rng.gamma(happened + 0.5, size=size) / np.maximum(at_risk, 1)
        elif kind == "pass":
            monthly[kind] = rng.beta(happened + 0.5, at_risk - happened + 0.5, size)
        else:
            pooled = np.broadcast_to(
                pool(seen, history.exposure[kind], kind in STAGED, 2 if kind == "fill" else RARE), seen.shape
            ).reshape(-1, 1)
            rest = prior_events * (1 / pooled - 1) + at_risk - happened
            monthly[kind] = rng.beta(prior_events + happened, rest, size)
        if kind not in EVEN:
            shape = (1, draws) if kind == "enrol" else size  # who is sent is decided for all groups together
            factor = np.exp(drift_sd * rng.standard_normal(shape) - drift_sd**2 / 2)
            monthly[kind] *= factor
            policy = factor[0] if kind == "enrol" else policy
    members = (history.now + 0.25) / (history.now.sum(axis=1, keepdims=True) + 1)
    shape = history.mix + prior_events * members
    gammas = rng.gamma(np.repeat(shape[:, :, None], draws, axis=2))
    rungs = rng.gamma(np.repeat((history.rungs + 1 / RUNGS)[:, None], draws, axis=1))
    return Rates(
        monthly=monthly,
        mix=gammas / gammas.sum(axis=1, keepdims=True),
        size=history.size,
        young=history.young,
        rungs=rungs / rungs.sum(axis=0),
        policy=policy,
    )


def pool(events: np.ndarray, exposure: np.ndarray, by_group: bool, rare: float = RARE) -> np.ndarray:
    """Give the rate pooled over all strata, or (where groups differ in kind) over the statuses of each group.

    Half an event in `rare` person-months is added, so that what nobody could be seen doing stays rare; a vacancy is
    filled soon, and half an event in two months is added there.
    """
    axes = {"axis": 1, "keepdims": True} if by_group else {}
    return (events.sum(**axes) + 0.5) / (exposure.sum(**axes) + rare)


def scale_rates(rates: Rates, factors: Mapping[str, float]) -> Rates:
    """Multiply the draws of some kinds of event, for a scenario; probabilities stay below one."""
    scaled = {kind: np.minimum(draws * factors.get(kind, 1.0), 1e3 if kind == "enter" else 1.0)
              for kind, draws in rates.monthly.items()}  # fmt: skip
    return replace(rates, monthly=scaled)
