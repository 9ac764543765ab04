"""What must be known beside the target itself to judge it?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from service.rules.quality.rule_set import RuleSet, WeightTemplate, default
from service.rules.quality.target import Target, read
from service.rules.quantities import half_width

_NOISE = re.compile(r"[\W_]+|\d{4}年度?")


@dataclass(frozen=True, kw_only=True)
class OtherProject:
    """Another project of the same year, as far as duplicates are looked for."""

    project_code: str
    name: str
    department_code: str
    annual_goal: str
    basis: str = ""


@dataclass(frozen=True, kw_only=True)
class QualityContext:
    """What the season and the district's tables say; one context serves any number of targets.

    ``measure_units`` and ``functional_subjects`` empty: rules Q06 and Q28 are silent. ``others`` are the projects of
    the same year (a target recognises itself by its code). ``previous`` is last year's content of F01. Thresholds are
    amounts in 万元. ``satisfaction_waived``: the season does not ask for satisfaction indicators.
    """

    template: str = "CLASSIC_2020"
    measure_units: Collection[str] = ()
    functional_subjects: Collection[str] = ()
    others: Sequence[OtherProject] = ()
    previous: Mapping[str, Any] | None = None
    ex_ante_threshold: Decimal = Decimal(200)
    key_threshold: Decimal = Decimal(500)
    satisfaction_waived: bool = False
    rule_set: RuleSet = field(default_factory=default)

    @cached_property
    def weights(self) -> WeightTemplate:
        """The season's indicator template."""
        return self.rule_set.template(self.template)

    @cached_property
    def units(self) -> frozenset[str]:
        """The measure units with plain signs, as the rows' units are read."""
        return frozenset(half_width(unit) for unit in self.measure_units)

    @cached_property
    def previous_target(self) -> Target | None:
        """Last year's target, read."""
        return None if self.previous is None else read(self.previous)

    @cached_property
    def resemblance(self) -> Resemblance:
        """The other projects, prepared for finding similar names and copied goals."""
        return Resemblance(self.others)

    def of_year_before(self, previous: Mapping[str, Any] | None) -> QualityContext:
        """Return the context for a target that had the content ``previous`` last year.

        What was prepared of the neighbours is shared, so that a whole district is judged without preparing it anew.
        """
        if previous is None and self.previous is None:
            return self
        own = replace(self, previous=previous)
        own.__dict__["resemblance"] = self.resemblance
        return own


class Resemblance:
    """Finds projects of similar name or with the same goal without comparing every pair of texts in full."""

    def __init__(self, others: Sequence[OtherProject]) -> None:
        self._by_length: defaultdict[int, list[tuple[str, Counter[str], OtherProject]]] = defaultdict(list)
        self._by_goal: defaultdict[tuple[str, str], list[OtherProject]] = defaultdict(list)
        for other in others:
            name = bare(other.name)
            self._by_length[len(name)].append((name, Counter(name), other))
            self._by_goal[other.department_code, bare(other.annual_goal)].append(other)

    def similar(self, name: str, code: str, limit: Decimal) -> list[tuple[Decimal, OtherProject]]:
        """Return the other projects whose names are alike by at least ``limit`` (0 to 1), most similar first.

        The measure is twice the characters in matching blocks over the characters of both names, without signs,
        spaces and years.
        """
        name = bare(name)
        found = []
        for ratio, other in self._candidates(name, float(limit)):
            if not code or other.project_code != code:
                found.append((Decimal(str(round(ratio, 4))), other))
        return sorted(found, key=lambda pair: (-pair[0], pair[1].project_code))

    def _candidates(self, name: str, limit: float) -> Iterator[tuple[float, OtherProject]]:
        letters = Counter(name)
        matcher = SequenceMatcher(b=name, autojunk=False)
        for length, group in self._by_length.items():
            total = length + len(name)
            if not name or 2 * min(length, len(name)) < limit * total:
                continue
            for text, counted, other in group:
                shared = sum(min(times, counted[letter]) for letter, times in letters.items() if letter in counted)
                if 2 * shared < limit * total:
                    continue
                matcher.set_seq1(text)
                if (ratio := matcher.ratio()) >= limit:
                    yield ratio, other

    def same_goal(self, department: str, goal: str, code: str) -> list[OtherProject]:
        """Return the department's other projects whose goal is the same text, signs and spaces apart."""
        found = self._by_goal.get((department, bare(goal)), [])
        return [other for other in found if not code or other.project_code != code]


def bare(text: str) -> str:
    """Return a text without signs, spaces and years, as it is compared."""
    return _NOISE.sub("", text)
