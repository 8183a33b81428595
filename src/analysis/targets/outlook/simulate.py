"""Real people carried forward month by month: they retire when they must, and do the rest by drawn rates."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from analysis.targets.events import FAR
from analysis.targets.outlook.ladder import RUNGS
from analysis.targets.outlook.panel import HAS, STUDYING, WAITING, Panel
from analysis.targets.outlook.paths import CELL, Congress, Layout, Paths, Plan
from analysis.targets.outlook.rates import EVEN, NEAR, Rates, age_class, home_of

CHUNK = 200  # draws carried at once
KINDS = ("quit", "move", "climb", "rise", "enrol", "drop", "enter", "fill", "pass")


def carry_forward(panel: Panel, rates: Rates, plan: Plan, rng: np.random.Generator) -> Paths:
    """Simulate every draw; the same people, shocks and draws serve all groups."""
    starts = range(0, rates.mix.shape[2], CHUNK)
    parts = [_Chunk(panel, rates.part(slice(start, start + CHUNK)), plan, rng).run() for start in starts]
    return Paths(*(np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)))


class _Chunk(Layout):
    """Some draws: cells of a person in a draw, `at` = row x draws + draw; newcomers take rows after the real people."""

    def __init__(self, panel: Panel, rates: Rates, plan: Plan, rng: np.random.Generator):
        super().__init__(len(panel.targets))
        self.panel, self.rates, self.plan, self.rng, self.ladder = panel, rates, plan, rng, panel.ladder
        self.now = self.start = int(panel.months[-1])
        self.draws, self.posts = rates.mix.shape[2], np.flatnonzero(~panel.elected).tolist()
        self.shocks = self._draw_shocks()
        busy = plan.busy
        self.haste = busy.factor * np.exp(busy.sd * rng.standard_normal(self.draws)) if busy.months else np.ones(1)
        self.home = home_of(panel.targets, self.inside(np.arange(1 << self.groups)).astype(bool))
        people = panel.present
        self.real, fresh, member = len(people), self._room(), panel.member[:, people, -1]
        start = self.pack((member.T << np.arange(self.groups)).sum(axis=1), panel.status[people, -1].astype(int))

        def lay_out(known: ndarray, empty: int, kind: type) -> ndarray:
            table: ndarray = np.full((self.real + fresh, self.draws), empty, dtype=kind)
            table[: self.real] = known
            return table.ravel()

        self.cells = lay_out(start[:, None], 0, CELL)
        self.young = np.zeros(len(self.cells), dtype=bool)
        known = np.maximum(panel.retires, self.now + 1), panel.born
        self.retires, self.born = (np.append(one[people], np.full(fresh, FAR)) for one in known)
        self.body = [
            np.append(bodies, np.resize([*np.unique(bodies[inside])] or [0], fresh))
            for bodies, inside in zip(panel.body[:, people], member, strict=True)
        ]
        if self.ladder.group >= 0:
            self.rung = lay_out(self.ladder.rung[people, -1, None], 0, np.int8)
            self.ripe = lay_out(self.ladder.since[people, -1, None] + self.ladder.wait, 0, np.int16)
        due = np.maximum(panel.expected[people], self.now + 1)[:, None] + self._pick(panel.late, self.real, self.draws)
        degree = self.now + 1 + self._pick(panel.wait, self.real, self.draws)
        due = np.where((self.status(start) == WAITING)[:, None], degree, due)
        self.finish = lay_out(np.minimum(due, FAR), FAR, np.int16)
        self.used = np.full(self.draws, self.real)
        self.tally = np.repeat(self.heads(start).sum(axis=-1, dtype=int)[..., None], self.draws, axis=-1)

    def run(self) -> tuple[ndarray, ...]:
        """Live the months ahead and hand back what `Paths` keeps."""
        path, held = [self.tally.copy()], []
        for one in range(1, self.plan.months + 1):
            self._live()
            path.append(self.tally.copy())
            if one in self.plan.marks:
                both = np.where(self.status(self.cells) == HAS, self.cells, 0).reshape(-1, self.draws)
                held.append(self.inside(both).sum(axis=1))
        members, counted = np.stack(path, axis=1)
        final = self.cells.reshape(-1, self.draws)[: self.real]
        return members, counted, np.reshape(held, (-1, self.groups, self.draws)), final

    def _room(self) -> int:
        """Slots for newcomers: the most that any draw can need, with room to spare."""
        size, elected = self.panel.size, self.panel.elected
        months = self.plan.months + self.haste.max() * len(self.plan.busy.months)
        peak = np.where(elected, size, self.rates.monthly["enter"].max(axis=1) * months * 2.5)
        turns = sum(size[one.group] for one in self.plan.congresses)
        return int((peak + 6 * np.sqrt(peak) + 20).sum() + turns + months * elected.sum())

    def _draw_shocks(self) -> dict[str, ndarray]:
        """Factors of a calendar year on the rates of a kind, mean 1; a province's year is common to all people."""
        years = self.plan.months // 12 + 3
        sd = np.abs(self.plan.shock_sd * self.rng.standard_normal(self.draws))
        normal = self.rng.standard_normal((len(KINDS), years, self.draws))
        factors = dict(zip(KINDS, np.exp(sd * normal - sd**2 / 2), strict=True))
        return factors | dict.fromkeys(EVEN, np.ones((years, 1)))

    def _pick(self, months: ndarray, *shape: int) -> ndarray:
        return months[self.rng.integers(0, len(months), shape)].astype(np.int16)

    def _live(self) -> None:
        self.now += 1
        year = self.now // 12 - self.start // 12
        rate = {kind: values * self.shocks[kind][year] for kind, values in self.rates.monthly.items()}
        rate["enrol"] *= self.panel.season[self.now % 12]
        if self.now in self.plan.busy.months:
            rate |= {kind: rate[kind] * self.haste for kind in ("climb", "rise", "enter")}
        aged = np.flatnonzero(self.retires[: self.real] == self.now)
        at = (aged[:, None] * self.draws + np.arange(self.draws)).ravel()
        self._change(at, np.zeros_like(at))
        self._graduate()
        self._events(rate)
        for congress in self.plan.congresses:
            if congress.month == self.now:
                self._elect(congress)
        for group in range(self.groups):
            if group in self.posts:
                new = self.rng.poisson(rate["enter"][group])
            else:
                new = self.rng.binomial(self._vacant(group), rate["fill"][group])
            self._arrive(group, new)

    def _vacant(self, group: int) -> ndarray:
        return np.maximum(self.panel.size[group] - self.tally[0, group], 0)

    def _graduate(self) -> None:
        """End courses that are due, then award the degrees that are due."""
        at = np.flatnonzero(self.finish == self.now)
        cell = self.cells[at]
        ends = self.status(cell) == STUDYING
        wait = np.where(ends, self._pick(self.panel.wait, len(at)), 0)
        new = self.pack(cell & self.mask, np.where(wait > 0, WAITING, HAS))
        due = ends | (self.status(cell) == WAITING)
        self._change(at[due], new[due])
        self.finish[at] = np.where(wait > 0, self.now + wait, FAR)

    def _events(self, rate: dict[str, ndarray]) -> None:
        """Let at most one thing happen to each cell: leave the service, enrol or drop out, or leave a group."""
        ladder, now = self.ladder, self.now
        most = rate["move"].max() * self.groups
        most += sum(rate[kind].max() for kind in ("quit", "enrol", "drop", "climb", "rise"))
        u = self.rng.random((self.used.max(), self.draws), dtype=np.float32).ravel()
        at = np.flatnonzero(u < most)
        at = at[self.cells[at] & self.mask > 0]
        cell, left, (row, draw) = self.cells[at], u[at].astype(float), np.divmod(at, self.draws)
        status, new = self.status(cell), cell.copy()

        def take(chance: ndarray) -> ndarray:
            done = left < chance
            left[:] = np.where(done, np.inf, left - chance)  # nothing more this month
            return done

        new[take(rate["quit"][(self.retires[row] - now < NEAR).astype(int), draw])] = 0
        age = age_class(self.born[row], self.retires[row], now)
        stratum = self.home[cell & self.mask] * 3 + np.where(row < self.real, age, 1 - self.young[at])
        dropped = np.where(status == STUDYING, rate["drop"][0, draw], 0.0)
        turn = take(np.where(status == 0, rate["enrol"][stratum, draw], dropped))
        new[turn] ^= STUDYING << self.groups
        starts = at[turn & (status == 0)]
        self.finish[starts] = now + self.plan.course + self._pick(self.panel.late, len(starts))
        passing = rate["pass"].reshape(-1, self.groups, self.draws)
        for group, inside in enumerate(self.inside(cell)):
            kind, stratum, source = "move", group * 3 + status % WAITING, np.full(len(at), group)
            if group == ladder.group:
                rung = self.rung[at]
                kind, stratum = "climb", (rung * 2 + (now >= self.ripe[at])) * 3 + status % WAITING
                source[rung > 0] = self.groups
                up = at[take(rate["rise"][stratum, draw] * inside * (rung > 0))]
                self.rung[up] -= 1
                self.ripe[up] = now + ladder.wait
            out = take(rate[kind][stratum, draw] * inside)
            new[out] = self._pass_on(group, new[out], passing[source[out], :, draw[out]])
        changed = new != cell
        self._change(at[changed], new[changed])

    def _pass_on(self, group: int, cell: ndarray, chance: ndarray) -> ndarray:
        """Take people out of a group; some pass into another group of posts, with the chances of each."""
        cell, u = cell ^ (1 << group), self.rng.random(len(cell))
        for other in self.posts if group in self.posts else ():
            if other != group:
                cell[(u >= 0) & (u < chance[:, other])] |= 1 << other
                u = u - chance[:, other]
        return cell

    def _change(self, at: ndarray, new: ndarray) -> None:
        """Write cells and keep the tallies; a cell without a group is gone."""
        new = np.where(new & self.mask, new, 0).astype(CELL)
        step = self.heads(new).astype(float) - self.heads(self.cells[at])
        self.cells[at] = new
        for place in np.ndindex(step.shape[:2]):
            self.tally[place] += np.bincount(at % self.draws, step[place], minlength=self.draws).astype(int)

    def _arrive(self, group: int, new: ndarray) -> None:
        """Let `new` people a draw enter a group, with a status drawn from the mix of its newcomers."""
        draw = np.repeat(np.arange(self.draws), new)
        row = self.used[draw] + np.arange(len(draw)) - np.repeat(np.cumsum(new) - new, new)
        fits = row < len(self.born)
        draw, at = draw[fits], (row * self.draws + draw)[fits]
        self.used = np.minimum(self.used + new, len(self.born))
        odds = self.rates.mix[group].copy()
        odds[1:] *= np.exp(self.panel.drift * (self.rates.policy * (self.now - self.start) + self.plan.age))
        edges = np.cumsum(odds, axis=0) / odds.sum(axis=0)
        status = (self.rng.random(len(at)) > edges[:3, draw]).sum(axis=0)
        self.young[at] = self.rng.random(len(at)) < self.rates.young[group]
        if group == self.ladder.group:
            edges = np.cumsum(self.rates.rungs, axis=0)[: RUNGS - 1, draw]
            self.rung[at] = (self.rng.random(len(at)) > edges).sum(axis=0)
            self.ripe[at] = self.now + self.ladder.wait
        self.finish[at] = self.now + 1 + (self.rng.random(len(at)) * self.plan.course).astype(np.int16)
        self._change(at, self.pack(np.full(len(at), 1 << group), status))

    def _elect(self, congress: Congress) -> None:
        """Turn over the seats of a group, body by body, and fill all vacancies."""
        group, rows = congress.group, self.used.max()
        bodies = self.body[group][:rows]
        share = congress.mean + congress.sd * self.rng.standard_normal((bodies.max() + 1, self.draws))
        goes = self.rng.random((rows, self.draws), dtype=np.float32) < np.clip(share, 0, 0.95)[bodies]
        at = np.flatnonzero(goes.ravel() & (self.cells[: goes.size] >> group & 1).astype(bool))
        self._change(at, self.cells[at] ^ (1 << group))
        self._arrive(group, self._vacant(group))
