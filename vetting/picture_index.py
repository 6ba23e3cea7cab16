"""The picture hashes of one team in a worker's memory, so that a search is a count of bits and not a long query.

The rows are the truth: what is near by this index is read again from the database before anybody is told. A team's
hashes are written under a lock on the team; whoever holds it knows that every key up to the greatest one it sees is
there to be read, and reads on from that. Built anew now and then, so that a forgotten applicant's hashes leave the
memory too.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from django.db import transaction
from django.db.models import Max
from numpy.typing import NDArray

from detector.repeats import LEAST_QUALITY, VERSION, Part, bits_of, distances
from vetting.models import PictureHash, Team

TEAMS = 8  # kept in one worker's memory; 100,000 photos take about 15 MB
OLDEST = 15 * 60  # seconds after which it is built anew
AT_ONCE = 20_000  # rows in memory as such while it is built
COLUMNS = (
    "pk", "photo_id", "photo__applicant_id", "part", "value", "quality", "version",
    "photo__applicant__opening__team_id",
)  # fmt: skip

Ids = NDArray[np.int64]  # N x 2: photo, applicant
Bits = NDArray[np.uint64]  # N x 4
Row = tuple[int, int, int, str, str, int, int, int]  # COLUMNS

_indexes: OrderedDict[tuple[int, str], TeamIndex] = OrderedDict()


@dataclass(slots=True, kw_only=True)
class TeamIndex:
    """ids, bits: by part. read: the team's rows up to this key are in it."""

    team: Team
    read: int
    built: float = field(default_factory=time.monotonic)
    ids: dict[Part, Ids] = field(default_factory=lambda: {part: np.empty((0, 2), np.int64) for part in Part})
    bits: dict[Part, Bits] = field(default_factory=lambda: {part: np.empty((0, 4), np.uint64) for part in Part})

    def build(self) -> None:
        """Reads the team's hashes up to `read`, in one query."""
        rows = PictureHash.objects.filter(photo__applicant__opening__team=self.team, version=VERSION, pk__lte=self.read)
        found = rows.values_list(*COLUMNS).iterator(chunk_size=AT_ONCE)
        while chunk := list(islice(found, AT_ONCE)):
            self._add(chunk)

    def refresh(self) -> None:
        """Reads what was written since, in one query, by its key and whosesoever it is: few rows. Under the lock."""
        rows = list(PictureHash.objects.filter(pk__gt=self.read).values_list(*COLUMNS))
        self._add([row for row in rows if row[-2:] == (VERSION, self.team.pk)])
        self.read = max([self.read, *(row[0] for row in rows)])

    def _add(self, rows: Sequence[Row]) -> None:
        for part in Part:
            of_part = [row for row in rows if row[3] == part and row[5] >= LEAST_QUALITY[part]]
            if of_part:
                ids = np.array([row[1:3] for row in of_part], dtype=np.int64)
                self.ids[part] = np.concatenate([self.ids[part], ids])
                self.bits[part] = np.concatenate([self.bits[part], bits_of([row[4] for row in of_part])])

    def near(self, part: Part, bits: Bits, *, within: int, not_of: int) -> dict[int, int]:
        """Photo -> bits that differ, for those within reach that are not the applicant's own."""
        apart = distances(bits, self.bits[part])
        found = np.flatnonzero((apart <= within) & (self.ids[part][:, 1] != not_of))
        return {int(self.ids[part][at, 0]): int(apart[at]) for at in found}


def index_of(team: Team) -> TeamIndex:
    """The team's index in this process; refresh() it under the lock before it is asked."""
    key = (team.pk, team.created_at.isoformat())  # a database that was restored or made anew counts keys again
    index = _indexes.pop(key, None)
    if index is None or time.monotonic() - index.built > OLDEST:
        index = TeamIndex(team=team, read=_greatest_key(team))
        index.build()
    _indexes[key] = index
    while len(_indexes) > TEAMS:
        _indexes.popitem(last=False)
    return index


@transaction.atomic
def _greatest_key(team: Team) -> int:
    Team.objects.select_for_update().get(pk=team.pk)
    return PictureHash.objects.aggregate(greatest=Max("pk"))["greatest"] or 0


def drop_index(team: Team) -> None:
    """Forgets the team's index: after a transaction that was taken back, it may know rows that never were."""
    for key in [key for key in _indexes if key[0] == team.pk]:
        del _indexes[key]
