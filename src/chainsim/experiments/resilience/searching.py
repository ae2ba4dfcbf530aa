"""Time to survive: the longest outage that harms nobody, found exactly and with few runs.

Let an outage begin at s. *Causality*: a run whose outage lasts to s + d is, until then, the run whose outage goes on. So one
run with the longest outage in question tells for everyone the instant T of first harm, and every outage longer than T − s harms
them, at T. A shorter one may still do harm after its end: a gap travels down a line, a month closes short, a tank that was drawn
down runs dry weeks later. The longest outage that does no harm lies therefore between 0 and T − s, and bisection in steps of
the precision finds it. A trial begins from the trunk's end and stops as soon as everybody in question is harmed, or when the
time is over in which harm counts as the outage's: with the close of the month after the one in which the asset is back.

The result holds for each subject: an outage one step longer harms it, this one does not. That every shorter one is harmless
too is assumed, as bisection must: more of an outage does more harm. Where it matters, ``thorough`` tries every one instead (a
batch that shifts across the end of a month may make an outage of eight days look worse than one of nine).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chainsim.experiments.resilience.harm import Harm, Performance, Subject, Undisturbed
from chainsim.experiments.resilience.terms import Asset, Terms
from chainsim.model.plan import months_of
from chainsim.records import Trunk
from chainsim.simulation.branching import Branch

ANY = ""
"""The first of them, whichever it is: of refineries whose runs are cut, of farms and fields."""
_SAME_DAYS = 1e-9


class Trial:
    """One outage, simulated as far as anybody asked. ``harms`` are what was seen until then."""

    def __init__(
        self, trunk: Trunk, undisturbed: Undisturbed, asset: Asset, duration_days: float, *, exactly: bool = False
    ) -> None:
        """``exactly``: also to the kilogram the run that the scenario with this outage gives, at up to twice the time."""
        self.repaired = trunk.day + duration_days
        self.harms: Mapping[Subject, Harm] = {}
        self.performance: Performance | None = None
        self._branch = Branch(trunk, asset.outage(trunk.day, self.repaired), causes=exactly)
        self._undisturbed = undisturbed
        self._asset = asset

    def watch(self, until: float) -> None:
        """Go on to ``until`` and look who is harmed; at the horizon the run is complete and ``performance`` has it."""
        branch = self._branch
        if self.performance is not None or until <= branch.day + _SAME_DAYS:
            return
        if until >= branch.scenario.end_day - _SAME_DAYS:
            seen = self.performance = Performance(branch.scenario, branch.finish())
        else:
            branch.run(until)
            seen = Performance(branch.scenario, branch.so_far())
        self.harms = self._undisturbed.harms(seen, but_for=self._asset.name)


@dataclass(frozen=True, slots=True)
class Survival:
    """``days``: the longest outage that does no harm; ``first``: whom the next longer one harms first."""

    days: float
    first: str


class Search:
    """The trials of one asset from one day. Durations are whole numbers of steps, at most ``terms.longest_days``."""

    def __init__(self, trunk: Trunk, undisturbed: Undisturbed, asset: Asset, terms: Terms) -> None:
        self._trunk = trunk
        self._undisturbed = undisturbed
        self._asset = asset
        self._step = terms.precision_days
        self._thorough = terms.thorough
        self._end = trunk.scenario.end_day
        room = min(terms.longest_days, self._end - trunk.day)
        self._most = max(1, math.ceil(room / self._step - _SAME_DAYS))
        self._trials: dict[float, Trial] = {}
        self._closes = [end for _, end, _ in months_of(trunk.scenario) if end > trunk.day]

    def whole(self, duration_days: float) -> Trial:
        """The trial of an outage so long, cut at the horizon, and run to it: exactly, for its tonnes are compared with runs."""
        duration = self._cut(duration_days)
        trial = Trial(self._trunk, self._undisturbed, self._asset, duration, exactly=True)
        trial.watch(self._end)
        self._trials[duration] = trial
        return trial

    @property
    def longest(self) -> Trial:
        """The trial of the longest outage in question, watched as long as harm counts as the outage's."""
        return self._watched(self._most, None)

    def survivals(self) -> dict[Subject, Survival]:
        """By whose survival is asked for, as far as any outage in question does harm: customers' plans one by one, and all runs,
        all tanks and fields together (``ANY``)."""
        longest = self.longest
        safe: dict[Subject, int] = {}
        harmful: dict[Subject, int] = {}
        probes: dict[Subject, int] = {}
        for subject, harm in self._harms(longest).items():
            safe[subject] = 0
            harmful[subject] = min(self._most, math.floor((harm.day - self._trunk.day) / self._step + _SAME_DAYS) + 1)
            if subject.kind != "plan":  # what a line lacks it lacks at once: mostly there is no harm that comes later
                probes[subject] = harmful[subject] - 1
        for duration, trial in () if self._thorough else self._trials.items():
            steps = round(duration / self._step)
            if trial.performance is not None and abs(steps * self._step - duration) <= _SAME_DAYS:
                self._conclude(steps, self._harms(trial), safe, harmful)
        while open_ := [subject for subject in safe if harmful[subject] - safe[subject] > 1]:
            if self._thorough:
                steps = 1 + min(safe[subject] for subject in open_)
                asked = [subject for subject in open_ if safe[subject] < steps < harmful[subject]]
                self._conclude(steps, self._harms(self._watched(steps, asked)), safe, harmful)
                continue
            widest = max(open_, key=lambda subject: harmful[subject] - safe[subject])
            steps = probes.pop(widest, 0)
            if not safe[widest] < steps < harmful[widest]:
                steps = (safe[widest] + harmful[widest]) // 2
            asked = [subject for subject in open_ if safe[subject] < steps < harmful[subject]]
            self._conclude(steps, self._harms(self._watched(steps, asked)), safe, harmful)
        return {subject: self._survival(subject, safe[subject]) for subject in safe}

    def unrepaired(self) -> dict[Subject, float]:
        """Subject → when it is harmed if the outage goes on, as far as the longest in question does; each by its name."""
        longest = self.longest
        return {subject: harm.since for subject, harm in longest.harms.items() if harm.since <= longest.repaired}

    def harmed_by(self, steps: int) -> Mapping[Subject, Harm]:
        """Whose survival is asked for → how an outage of so many steps harms it, if that counts as the outage's."""
        return self._harms(self._watched(steps, None))

    def _survival(self, subject: Subject, safe: int) -> Survival:
        """With whom the next longer outage harms first; of an outage that was not tried the longest tells, by causality."""
        next_longer = self._trials.get(self._cut((safe + 1) * self._step), self.longest)
        trial = next_longer if subject in self._harms(next_longer) else self.longest
        hurt = {
            one: harm
            for one, harm in trial.harms.items()
            if one.kind == subject.kind and subject.name in (ANY, one.name)
        }
        return Survival(safe * self._step, min(hurt, key=lambda one: hurt[one]).name)

    @staticmethod
    def _conclude(
        steps: int, harms: Mapping[Subject, Harm], safe: dict[Subject, int], harmful: dict[Subject, int]
    ) -> None:
        """Narrow the brackets within which ``steps`` lies by what its trial shows."""
        for subject in safe:
            if safe[subject] < steps < harmful[subject]:
                (harmful if subject in harms else safe)[subject] = steps

    def _watched(self, steps: int, asked: Iterable[Subject] | None) -> Trial:
        """The trial of so many steps, watched until all who are ``asked`` about are harmed, or till the end of its watch."""
        trial = self._trial(steps * self._step)
        last = self._last_look(trial)
        wanted = None if asked is None else set(asked)
        for look in (*(day for day in self._closes if day < last), last):
            if wanted is not None and wanted <= set(self._harms(trial)):
                break
            trial.watch(look)
        return trial

    def _harms(self, trial: Trial) -> dict[Subject, Harm]:
        """What was seen of a trial and counts as the outage's, by whose survival is asked for."""
        last = self._last_look(trial)
        out: dict[Subject, Harm] = {}
        for subject, harm in trial.harms.items():
            if harm.day <= last:
                whose = subject if subject.kind == "plan" else Subject(subject.kind, ANY)
                out[whose] = min(harm, out.get(whose, harm))
        return out

    def _trial(self, duration_days: float) -> Trial:
        duration = self._cut(duration_days)
        if duration not in self._trials:
            self._trials[duration] = Trial(self._trunk, self._undisturbed, self._asset, duration)
        return self._trials[duration]

    def _cut(self, duration_days: float) -> float:
        return min(duration_days, self._end - self._trunk.day)

    def _last_look(self, trial: Trial) -> float:
        """The close of the month after the one in which the asset is back; the horizon at the latest."""
        later = [day for day in self._closes if day > trial.repaired - _SAME_DAYS]
        return later[1] if len(later) > 1 else self._end
