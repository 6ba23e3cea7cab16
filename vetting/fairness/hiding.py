"""Which counts are not shown, so that none of fewer than LEAST people can be read or worked out.

A hidden count must not follow from others by adding and subtracting, within a table or between tables: the sums of a
table, the tables of quarters and of openings beside that of all, sex and ethnicity beside both together. So further
counts are hidden (complementary suppression) until none follows. That is decided here for everything that can be asked
for at once, not for the table in front of the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

LEAST = 10  # people; review.rates says no rate of fewer either
ROOM = 3  # numbers that a hidden count may be at least, one by one, when a sum and "fewer than LEAST" are all one knows
NOTHING = 1e-9  # what rounding leaves of a nought, beside the largest
SURE = 1e-6  # the same, of a share: a hidden count of which no more than this is free follows from the others
Key = tuple[str, str, str]  # part, sex, ethnicity; ALL where it is not divided by that
ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """whole = the sum of parts."""

    whole: Key
    parts: tuple[Key, ...]


@dataclass(slots=True, kw_only=True)
class Hiding:
    """open: keys whose count everybody may know, whatever it is. unshown: keys that no table has, and that a reader
    may still work out."""

    counts: Mapping[Key, int]
    sums: Sequence[Sum]
    open: frozenset[Key]
    unshown: frozenset[Key]
    hidden: set[Key] = field(default_factory=set)

    def decide(self) -> frozenset[Key]:
        self.hidden = {key for key, n in self.counts.items() if key in self.unshown or self._few(key, n)}
        while more := self._by_sums() or self._by_all_sums_together():
            self.hidden |= more
        return frozenset(self.hidden)

    def _few(self, key: Key, n: int) -> bool:
        return n < LEAST and key not in self.open

    def _sensitive(self, key: Key) -> bool:
        return 0 < self.counts[key] < LEAST and key not in self.open

    def _by_sums(self) -> set[Key]:
        """Of each sum with too little hidden, the smallest that is shown."""
        return {key for each in self.sums if not self._safe(each) and (key := self._smallest(self._of(each)))}

    def _safe(self, each: Sum) -> bool:
        """Whether this sum alone tells nothing: that nobody is in a group, the reader is taken to know already."""
        hidden = [key for key in self._of(each) if key in self.hidden and self.counts[key]]
        if not any(self._sensitive(key) for key in hidden):
            return True
        if each.whole in self.hidden:
            return len(hidden) > 1
        people = sum(self.counts[key] for key in hidden)
        few = all(self.counts[key] < LEAST for key in hidden)
        room = (LEAST - 1) * len(hidden) - people
        return len(hidden) > 1 and people >= LEAST and (not few or room >= ROOM)

    def _by_all_sums_together(self) -> set[Key]:
        """What follows from several sums at once: a hidden count that is the same in every solution of all of them."""
        hidden = sorted(key for key in self.hidden if self.counts[key])
        at = {key: place for place, key in enumerate(hidden)}
        rows = [row for each in self.sums if (row := self._row(each, at)) is not None]
        if not rows:
            return set()
        matrix = np.array(rows)
        sizes, axes = np.linalg.eigh(matrix @ matrix.T)
        there = sizes > NOTHING * sizes.max()
        known = (axes[:, there] / np.sqrt(sizes[there])).T @ matrix  # an orthonormal basis of all that follows
        follows = 1 - (known**2).sum(axis=0) < SURE
        found = (self._beside(key) for key, sure in zip(hidden, follows, strict=True) if sure and self._sensitive(key))
        return {key for key in found if key}

    def _row(self, each: Sum, at: Mapping[Key, int]) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
        row = np.zeros(len(at))
        for key in each.parts:
            if key in at:
                row[at[key]] += 1.0
        if each.whole in at:
            row[at[each.whole]] -= 1.0
        return row if row.any() else None

    def _beside(self, key: Key) -> Key | None:
        """The smallest that is shown in a sum with this one; failing that, of its part; failing that, of all."""
        near = [other for each in self.sums if key in self._of(each) for other in self._of(each)]
        part = [other for other in self.counts if other[0] == key[0]]
        return self._smallest(near) or self._smallest(part) or self._smallest(self.counts)

    def _smallest(self, keys: Iterable[Key]) -> Key | None:
        shown = [key for key in keys if key not in self.hidden and key not in self.open]
        return min(shown, key=lambda key: (self.counts[key], key), default=None)

    @staticmethod
    def _of(each: Sum) -> tuple[Key, ...]:
        return (each.whole, *each.parts)


def sums_of(keys: Iterable[Key], partitions: Sequence[Sequence[str]]) -> list[Sum]:
    """Every sum that holds among these keys. partitions: parts that make up ALL together, each a way to divide it."""
    known = sorted(set(keys))
    found = _sums(((part, ALL, ethnicity), (part, sex, ethnicity)) for part, sex, ethnicity in known if sex != ALL)
    found += _sums(((part, sex, ALL), (part, sex, ethnicity)) for part, sex, ethnicity in known if ethnicity != ALL)
    for parts in partitions:
        found += _sums(((ALL, key[1], key[2]), key) for key in known if key[0] in parts)
    there = set(known)
    return [each for each in found if each.whole in there]


def _sums(pairs: Iterable[tuple[Key, Key]]) -> list[Sum]:
    """pairs: a whole, and one of its parts."""
    ordered = sorted(pairs)
    return [
        Sum(whole=whole, parts=tuple(part for _, part in group))
        for whole, group in groupby(ordered, key=lambda pair: pair[0])
    ]
