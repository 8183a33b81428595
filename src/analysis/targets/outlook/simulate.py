"""Real people carried forward month by month: they retire when they must, and do the rest by drawn rates."""

from __future__ import annotations

import numpy as np

from analysis.targets.outlook.ladder import RUNGS
from analysis.targets.outlook.panel import HAS, STUDYING, WAITING, Panel
from analysis.targets.outlook.paths import Congress, Layout, Paths, Plan
from analysis.targets.outlook.rates import EVEN, NEAR, Rates, age_class, home_of

CHUNK = 200  # draws carried at once
KINDS = ("quit", "move", "climb", "rise", "enrol", "drop", "enter", "fill", "pass")


def carry_forward(panel: Panel, rates: Rates, plan: Plan, rng: np.random.Generator) -> Paths:
    """Simulate every draw; the same people, shocks and draws serve all groups."""
    draws = rates.mix.shape[2]
    parts = [
        _Chunk(panel, rates, plan, slice(start, min(start + CHUNK, draws)), rng).run()
        for start in range(0, draws, CHUNK)
    ]
    members, counted, kept, final = (np.concatenate(part, axis=-1) for part in zip(*parts, strict=True))
    people = np.flatnonzero(panel.member[:, :, -1].any(axis=0))
    return Paths(members=members, counted=counted, kept=kept, final=final, people=people)


class _Chunk:
    """Some draws: cells of people by draw, packed as `Layout` says."""

    def __init__(self, panel: Panel, rates: Rates, plan: Plan, part: slice, rng: np.random.Generator):
        self.plan, self.rng, self.rates = plan, rng, rates
        self.now = int(panel.months[-1])
        self.draws = part.stop - part.start
        self.groups = len(panel.targets)
        self.layout = Layout(self.groups)
        people = np.flatnonzero(panel.member[:, :, -1].any(axis=0))
        self.real = len(people)
        self.rate = {kind: values[:, part] for kind, values in rates.monthly.items()}
        self.mix = rates.mix[:, :, part]
        self.policy = np.broadcast_to(rates.policy, rates.mix.shape[2])[part]
        self.start = self.now
        self.shocks = self._draw_shocks()
        busy = plan.busy
        self.haste = busy.factor * np.exp(busy.sd * rng.standard_normal(self.draws)) if busy.months else np.ones(1)
        self.home = home_of(
            panel.targets, (np.arange(1 << self.groups)[None] >> np.arange(self.groups)[:, None] & 1).astype(bool)
        )
        bits = (panel.member[:, people, -1] * (1 << np.arange(self.groups))[:, None]).sum(axis=0)
        start = self.layout.pack(bits, panel.status[people, -1].astype(int))
        room = self.real + self._room()
        self.retires, self.born = (np.full(room, 30_000, dtype=np.int32) for _ in range(2))
        self.retires[: self.real], self.born[: self.real] = (
            np.maximum(panel.retires[people], self.now + 1),
            panel.born[people],
        )
        fresh = room - self.real
        self.young = np.zeros((room, self.draws), dtype=bool)
        self.body = np.zeros((self.groups, room), dtype=np.int32)
        self.body[:, : self.real] = panel.body[:, people]
        for group, bodies in enumerate(self.body):
            held = np.unique(bodies[: self.real][panel.member[group, people, -1]])
            bodies[self.real :] = np.resize(held if len(held) else [0], fresh)
        self.cells = np.zeros((room, self.draws), dtype=self.layout.kind)
        self.cells[: self.real] = start[:, None]
        self.rung, self.ripe = np.zeros((room, self.draws), dtype=np.int8), np.zeros((room, self.draws), dtype=np.int16)
        self.ladder, self.season = panel.ladder, panel.season
        if self.ladder.group >= 0:
            self.rung[: self.real] = self.ladder.rung[people, -1, None]
            self.ripe[: self.real] = self.ladder.since[people, -1, None] + self.ladder.wait
            self.rungs = np.cumsum(rates.rungs[:, part], axis=0)
        self.finish = np.full((room, self.draws), 30_000, dtype=np.int16)
        due = np.maximum(panel.expected[people], self.now + 1)[:, None] + self._pick(plan.late, (self.real, self.draws))
        waits = (self.layout.status(start) == WAITING)[:, None]
        due = np.where(waits, self.now + 1 + self._pick(plan.wait, (self.real, self.draws)), due)
        self.finish[: self.real] = np.minimum(due, 30_000)
        self.used = np.full(self.draws, self.real)
        self.members, self.counted = (np.zeros((self.groups, self.draws), dtype=np.int64) for _ in range(2))
        for group in range(self.groups):
            inside = start >> group & 1
            self.members[group], self.counted[group] = inside.sum(), (inside & self.layout.counts(start)).sum()

    def run(self):
        """Live the months ahead, then those after, and hand back what `Paths` keeps."""
        path = [(self.members.copy(), self.counted.copy())]
        for _ in range(self.plan.months):
            self._live(newcomers=True)
            path.append((self.members.copy(), self.counted.copy()))
        last = self.cells.copy()
        for _ in range(self.plan.after):
            self._live(newcomers=False)
        both = np.where(self.layout.status(self.cells) == HAS, last & self.cells, 0)
        kept = np.stack([(both >> group & 1).sum(axis=0) for group in range(self.groups)])
        members, counted = (np.stack(part) for part in zip(*path, strict=True))
        return members, counted, kept, last[: self.real]

    def _room(self) -> int:
        """Slots for newcomers: the most that any draw can need, with room to spare."""
        months, most = self.plan.months + self.haste.max() * len(self.plan.busy.months), 0.0
        for group, seats in enumerate(self.plan.seats):
            peak = self.rates.size[group] if seats else self.rate["enter"][group].max() * months * 2.5
            most += peak + 6 * np.sqrt(peak) + 20
        turns = sum(int(self.rates.size[one.group]) for one in self.plan.congresses)
        return int(most + turns + months * sum(self.plan.seats))

    def _draw_shocks(self) -> dict[str, np.ndarray]:
        """Factors of a calendar year on the rates of a kind, mean 1; a province's year is common to all people."""
        years = (self.plan.months + self.plan.after) // 12 + 3
        sd = np.abs(self.plan.shock_sd * self.rng.standard_normal(self.draws))
        factors = {}
        for kind in KINDS:
            normal = self.rng.standard_normal((years, self.draws))
            factors[kind] = np.exp(sd * normal - sd**2 / 2)
        self.first_year = self.now // 12
        return factors | {kind: np.ones_like(factors[kind]) for kind in EVEN}

    def _pick(self, months: np.ndarray, shape) -> np.ndarray:
        return months[self.rng.integers(0, len(months), shape)].astype(np.int16)

    def _live(self, *, newcomers: bool) -> None:
        self.now += 1
        year = self.now // 12 - self.first_year
        rate = {kind: values * self.shocks[kind][year] for kind, values in self.rate.items()}
        rate["enrol"] = rate["enrol"] * self.season[self.now % 12]
        if self.now in self.plan.busy.months:
            rate |= {kind: rate[kind] * self.haste for kind in ("climb", "rise", "enter")}
        aged = np.flatnonzero(self.retires[: self.real] == self.now)
        row, draw = np.repeat(aged, self.draws), np.tile(np.arange(self.draws), len(aged))
        self._change(row, draw, np.zeros(len(row), dtype=self.layout.kind))
        self._graduate()
        self._events(rate)
        if not newcomers:
            return
        for congress in self.plan.congresses:
            if congress.month == self.now:
                self._elect(congress)
        for group, seats in enumerate(self.plan.seats):
            free = np.maximum(self.rates.size[group] - self.members[group], 0)
            new = self.rng.binomial(free, rate["fill"][group]) if seats else self.rng.poisson(rate["enter"][group])
            self._arrive(group, new)

    def _graduate(self) -> None:
        """End courses that are due, then award the degrees that are due."""
        row, draw = np.nonzero(self.finish[: int(self.used.max())] == self.now)
        cell = self.cells[row, draw]
        ends = self.layout.status(cell) == STUDYING
        wait = np.where(ends, self._pick(self.plan.wait, len(row)), 0)
        status = np.where(wait > 0, WAITING, HAS)
        due = ends | (self.layout.status(cell) == WAITING)
        self._change(row[due], draw[due], self.layout.pack(cell & self.layout.members, status)[due])
        self.finish[row, draw] = np.where(wait > 0, self.now + wait, 30_000)

    def _events(self, rate: dict[str, np.ndarray]) -> None:
        """Let at most one thing happen to each cell: leave the service, enrol or drop out, or leave a group."""
        rows = int(self.used.max())
        most = rate["quit"].max() + max(rate["enrol"].max(), rate["drop"].max())
        most += rate["move"].reshape(self.groups, 3, -1).max(axis=(1, 2)).sum()
        if self.ladder.group >= 0:
            most += rate["climb"].max() + rate["rise"].max()
        u = self.rng.random((rows, self.draws), dtype=np.float32)
        hit = np.flatnonzero(u.ravel() < most)
        cell = self.cells[:rows].ravel()[hit]
        alive = cell & self.layout.members > 0
        hit, cell = hit[alive], cell[alive]
        left, (row, draw) = u.ravel()[hit].astype(float), np.divmod(hit, self.draws)
        status, new = self.layout.status(cell), cell.copy()
        open_ = np.ones(len(hit), dtype=bool)

        def take(chance: np.ndarray) -> np.ndarray:
            nonlocal left
            done = open_ & (left < chance)
            left = left - chance
            open_[done] = False
            return done

        new[take(rate["quit"][(self.retires[row] - self.now < NEAR).astype(int), draw])] = 0
        known = age_class(self.born[row], self.retires[row], self.now)
        age = np.where(row < self.real, known, 1 - self.young[row, draw])
        enrol = rate["enrol"][self.home[cell & self.layout.members] * 3 + age, draw]
        turn = take(np.where(status == 0, enrol, np.where(status == STUDYING, rate["drop"][0, draw], 0.0)))
        starts = turn & (status == 0)
        new[turn] ^= self.layout.kind(STUDYING << self.groups)
        self.finish[row[starts], draw[starts]] = self.now + self.plan.course + self._pick(self.plan.late, starts.sum())
        for group in range(self.groups):
            inside, source = cell >> group & 1, np.full(len(cell), group)
            if group == self.ladder.group:
                rung, ripe = self.rung[row, draw], self.now >= self.ripe[row, draw]
                stratum = (rung * 2 + ripe) * 3 + status % WAITING
                chance, source = rate["climb"][stratum, draw], np.where(rung > 0, self.groups, group)
                up = take(rate["rise"][stratum, draw] * inside * (rung > 0))
                self.rung[row[up], draw[up]] -= 1
                self.ripe[row[up], draw[up]] = self.now + self.ladder.wait
            else:
                chance = rate["move"][group * 3 + status % WAITING, draw]
            out = take(chance * inside)
            new[out] = self._pass_on(group, source[out], new[out], draw[out], rate["pass"])
        changed = new != cell
        self._change(row[changed], draw[changed], new[changed])

    def _pass_on(
        self, group: int, source: np.ndarray, cell: np.ndarray, draw: np.ndarray, rate: np.ndarray
    ) -> np.ndarray:
        """Take people out of a group; some pass into another group of posts, at the rates of their `source`."""
        cell = cell & ~self.layout.kind(1 << group)
        u = self.rng.random(len(cell))
        for other, seats in enumerate(self.plan.seats):
            if other != group and not seats and not self.plan.seats[group]:
                chance = rate[source * self.groups + other, draw]
                cell = np.where((u >= 0) & (u < chance), cell | self.layout.kind(1 << other), cell)
                u = u - chance
        return cell

    def _change(self, row: np.ndarray, draw: np.ndarray, new: np.ndarray) -> None:
        """Write cells and keep the tallies; a cell without a group is gone."""
        new = np.where(new & self.layout.members, new, 0).astype(self.layout.kind)
        old = self.cells[row, draw]
        self.cells[row, draw] = new
        for group in range(self.groups):
            was, here = old >> group & 1, new >> group & 1
            step = here.astype(float) - was
            self.members[group] += np.bincount(draw, step, minlength=self.draws).astype(int)
            step = (here & self.layout.counts(new)).astype(float) - (was & self.layout.counts(old))
            self.counted[group] += np.bincount(draw, step, minlength=self.draws).astype(int)

    def _arrive(self, group: int, new: np.ndarray) -> None:
        """Let `new` people a draw enter a group, with a status drawn from the mix of its newcomers."""
        draw = np.repeat(np.arange(self.draws), new)
        row = self.used[draw] + np.arange(len(draw)) - np.repeat(np.cumsum(new) - new, new)
        fits = row < len(self.cells)
        draw, row = draw[fits], row[fits]
        self.used = np.minimum(self.used + new, len(self.cells))
        later = np.exp(self.rates.drift * (self.policy * (self.now - self.start) + self.rates.age))
        odds = self.mix[group] * np.stack([np.ones_like(later), later, later, later])
        edges = np.cumsum(odds, axis=0) / odds.sum(axis=0)
        u = self.rng.random(len(draw))
        status = sum((u > edges[below, draw]).astype(int) for below in range(3))
        self.young[row, draw] = self.rng.random(len(draw)) < self.rates.young[group]
        if group == self.ladder.group:
            self.rung[row, draw] = (self.rng.random(len(draw)) > self.rungs[: RUNGS - 1, draw]).sum(axis=0)
            self.ripe[row, draw] = self.now + self.ladder.wait
        self.finish[row, draw] = self.now + 1 + (self.rng.random(len(draw)) * self.plan.course).astype(np.int16)
        self._change(row, draw, self.layout.pack(np.full(len(row), 1 << group), status))

    def _elect(self, congress: Congress) -> None:
        """Turn over the seats of a group, body by body, and fill all vacancies."""
        group, rows = congress.group, int(self.used.max())
        bodies = self.body[group, :rows]
        share = congress.mean + congress.sd * self.rng.standard_normal((bodies.max() + 1, self.draws))
        goes = self.rng.random((rows, self.draws), dtype=np.float32) < np.clip(share, 0, 0.95)[bodies]
        row, draw = np.nonzero(goes & (self.cells[:rows] >> group & 1).astype(bool))
        self._change(row, draw, self.cells[row, draw] & ~self.layout.kind(1 << group))
        self._arrive(group, np.maximum(self.rates.size[group] - self.members[group], 0))
