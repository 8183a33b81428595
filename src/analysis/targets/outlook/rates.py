"""What happened a month in the past, with pooled priors: the rates that carry groups forward, and their uncertainty."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy import ndarray

from analysis.reference import Target
from analysis.targets.outlook.ladder import RUNGS, Ladder
from analysis.targets.outlook.panel import STUDYING, UNTRAINED, WAITING, Panel

NEAR = 60  # months before retirement in which leaving early is common
YOUNG = 480  # months of age: past it only few are sent
BOUND = 72  # months of a course and the service owed after it: with less left before retirement hardly anyone enrols
RARE = 250
STAGED = ("move", "climb", "rise")  # pooled over what people have, not over where they stand
OVER_A_TERM = ("climb", "rise", "pass")  # after a congress those ready to rise have gone, and grow anew until the next
EVEN = ("fill", "pass")  # what time does not move


class Seen(NamedTuple):
    """Events and person-months of a kind of event, by stratum: arrays of the same shape."""

    events: ndarray
    exposure: ndarray


class History(NamedTuple):
    """What happened, by kind of event.

    Kinds: `quit` (far from, near retirement), `move` (group x neither, studying, has: out of the group), `climb` (the
    same for the group at the foot of a ladder, by rung and whether the post was held long enough), `rise` (a rung up
    within it, by the same), `enrol` (group x young, older, too near retirement), `drop` (one), `fill` (group: vacancies
    filled, of vacancy-months), `enter` (group: newcomers, of months), `pass` (from group x to group: those who left one
    for another in the same month, of who left; a last row for those of the ladder below its top rung). `rungs` counts
    the newcomers of the ladder by rung. `mix` counts the newcomers of each group by status, `now` its members; `young`
    is the share of its newcomers who are.
    """

    seen: Mapping[str, Seen]
    mix: ndarray
    now: ndarray
    young: ndarray
    rungs: ndarray

    def replaced(self, other: History, *kinds: str) -> History:
        """Take some kinds of event from another history."""
        return self._replace(seen={**self.seen, **{kind: other.seen[kind] for kind in kinds}})


class Rates(NamedTuple):
    """Draws of monthly rates: stratum x draw for each kind of `History`, and `mix[group, status, draw]`.

    `policy[draw]` is how far enrolment to come differs from the past, of members and of those who will be newcomers.
    """

    monthly: Mapping[str, ndarray]
    mix: ndarray
    young: ndarray
    rungs: ndarray
    policy: ndarray

    def part(self, draws: slice) -> Rates:
        """Keep some draws."""
        monthly = {kind: values[:, draws] for kind, values in self.monthly.items()}
        return Rates(monthly, self.mix[..., draws], self.young, self.rungs[:, draws], self.policy[draws])

    def scaled(self, factors: Mapping[str, float]) -> Rates:
        """Multiply the draws of some kinds of event, for a scenario; probabilities stay below one."""
        return self._replace(
            monthly={
                kind: np.minimum(draws * factors.get(kind, 1.0), 1e3 if kind == "enter" else 1.0)
                for kind, draws in self.monthly.items()
            }
        )


def count_history(
    panel: Panel, *, elections: Sequence[Collection[int]] = (), since: int = 0, skip: Collection[int] = ()
) -> History:
    """Count what happened between consecutive days of the panel.

    Enrolments count from month number `since`; months of a congress (`elections`, month numbers a group) are left out
    of the moves of its group, those of `skip` out of everything. Retirement at age is a known fact and no event. Who
    leaves one group of posts for another passes between them and is no newcomer; seats are entered by election only.
    """
    groups, ladder, posts = len(panel.targets), panel.ladder, ~panel.elected
    shapes = {
        "quit": [2],
        "move": [groups, 3],
        "climb": [2 * RUNGS, 3],
        "rise": [2 * RUNGS, 3],
        "enrol": [groups, 3],
        "drop": [1],
        "fill": [groups],
        "enter": [groups],
        "pass": [groups + 1, groups],
    }
    seen = {kind: Seen(*np.zeros([2, *shape])) for kind, shape in shapes.items()}
    entered, passed = seen["enter"], seen["pass"]
    mix, fresh, rungs = np.zeros((groups, 4)), np.zeros(groups), np.zeros(RUNGS)

    def see(kind: str, stratum: ndarray, happened: ndarray, who: ndarray) -> None:
        for tally, weights in zip(seen[kind], (happened[who], None), strict=True):
            tally += np.bincount(stratum[who], weights, minlength=tally.size).reshape(tally.shape)

    for place, now in enumerate(panel.months[1:], start=1):
        if now in skip:
            continue
        was, here = panel.member[:, :, place - 1], panel.member[:, :, place]
        before, after = panel.status[:, place - 1], panel.status[:, place]
        left = panel.exits <= now
        inside = was.any(axis=0) & ~(left & (panel.retires <= now + 1))
        stay, gone = inside & here.any(axis=0), was & ~here
        see("quit", (panel.retires - now < NEAR).astype(int), left, inside)
        see("drop", np.zeros_like(before), after == UNTRAINED, stay & (before == STUDYING))
        if now > since:
            stratum = home_of(panel.targets, was) * 3 + age_class(panel.born, panel.retires, now)
            see("enrol", stratum, after != UNTRAINED, stay & (before == UNTRAINED))
        for group, (seats, old, held) in enumerate(zip(panel.elected, was, here, strict=True)):
            if elections and now in elections[group]:
                continue
            climbs, new = group == ladder.group, held & ~old
            kind, stratum = ("climb", ladder.stratum(place - 1, now)) if climbs else ("move", group)
            see(kind, stratum * 3 + before % WAITING, ~held, old & ~left)
            if climbs:
                risen = ladder.rung[:, place] < ladder.rung[:, place - 1]
                see("rise", stratum * 3 + before % WAITING, risen, old & held)
                rungs += np.bincount(ladder.rung[new, place], minlength=RUNGS)
            passed.exposure[:, group] += _by_row(gone & ~left, ladder, place - 1)
            if not seats:
                passed.events[:, group] += _by_row(gone & new, ladder, place - 1) * np.append(posts, True)
                new &= ~gone[posts].any(axis=0)
            mix[group] += np.bincount(after[new], minlength=4)
            entered.events[group] += new.sum()
            entered.exposure[group] += 1
            seen["fill"].exposure[group] += max(panel.size[group] - old.sum(), new.sum()) * seats
            fresh[group] += (now - panel.born[new] <= YOUNG).sum()
    seen["fill"].events[:] = entered.events * panel.elected
    last = [np.bincount(panel.status[inside, -1], minlength=4) for inside in panel.member[:, :, -1]]
    return History(seen, mix, np.array(last), (fresh + 1) / (entered.events + 2), rungs)


def _by_row(who: ndarray, ladder: Ladder, place: int) -> ndarray:
    """Count people of each group, those of the ladder below its top rung apart at the end."""
    rows = np.append(who.sum(axis=1), 0)
    if ladder.group >= 0:
        rows[-1] = (who[ladder.group] & (ladder.rung[:, place] > 0)).sum()
        rows[ladder.group] -= rows[-1]
    return rows


def age_class(born: ndarray, retires: ndarray, now: int) -> ndarray:
    """Say of people in a month: 0 young enough to be sent, 1 older, 2 too near retirement to study and serve after."""
    return np.where(retires - now < BOUND, 2, (now - born > YOUNG).astype(int))


def home_of(targets: Sequence[Target], member: ndarray) -> ndarray:
    """Give each person the place of the group whose enrolment rate they follow (0 where in none)."""
    home = np.zeros(member.shape[1], dtype=int)
    for place in sorted(range(len(targets)), key=lambda place: (targets[place].home, place), reverse=True):
        home[member[place]] = place
    return home


def draw_rates(
    history: History, draws: int, rng: np.random.Generator, *, prior_events: float, drift_sd: float = 0.0
) -> Rates:
    """Draw monthly rates from Beta (newcomers: Gamma) posteriors whose prior is the rate pooled over groups (moves:
    over the statuses of a group). `drift_sd` is how far (sd of the log) a rate to come may differ from the past one
    for good.

    The prior weighs as much as `prior_events` events; the mix of newcomers has a Dirichlet prior of as many people,
    like the members of today.
    """
    monthly, policy = {}, np.ones(draws)
    for kind, seen in history.seen.items():
        happened, at_risk = (tally.reshape(-1, 1) for tally in seen)
        size = (len(happened), draws)
        if kind == "enter":
            monthly[kind] = rng.gamma(happened + 0.5, size=size) / np.maximum(at_risk, 1)
        elif kind == "pass":
            monthly[kind] = rng.beta(happened + 0.5, at_risk - happened + 0.5, size)
        else:
            pooled = pool(seen, by_group=kind in STAGED, rare=2 if kind == "fill" else RARE)
            rest = prior_events * (1 / pooled - 1) + at_risk - happened
            monthly[kind] = rng.beta(prior_events + happened, rest, size)
        if kind not in EVEN:
            shape = (1, draws) if kind == "enrol" else size  # who is sent is decided for all groups together
            factor = np.exp(drift_sd * rng.standard_normal(shape) - drift_sd**2 / 2)
            monthly[kind] *= factor
            policy = factor[0] if kind == "enrol" else policy
    members = (history.now + 0.25) / (history.now.sum(axis=1, keepdims=True) + 1)
    mix, rungs = (
        rng.gamma(np.repeat(shape[..., None], draws, axis=-1))
        for shape in (history.mix + prior_events * members, history.rungs + 1 / RUNGS)
    )
    return Rates(monthly, mix / mix.sum(axis=1, keepdims=True), history.young, rungs / rungs.sum(axis=0), policy)


def pool(seen: Seen, *, by_group: bool, rare: float) -> ndarray:
    """Give the rate pooled over all strata, or (where groups differ in kind) over the statuses of each group.

    Half an event in `rare` person-months is added, so that what nobody could be seen doing stays rare; a vacancy is
    filled soon, and half an event in two months is added there.
    """
    events, exposure = (tally.sum(axis=1 if by_group else None, keepdims=True) for tally in seen)
    return np.broadcast_to((events + 0.5) / (exposure + rare), seen.events.shape).reshape(-1, 1)
