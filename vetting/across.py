"""After an examination: whether the same picture stands under another name, in the team's own openings.

What is stored of a photo are hashes of what the picture shows; what is found is a pair of photos. Hashes and pairs are
written in one transaction under a lock on the team: of two photos that end at the same moment, the second sees the
first. Nobody's verdict or place changes by it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from detector.repeats import LEAST_QUALITY, LIMITS, MIRROR_LIMITS, VERSION, Kind, Part, bits_of, judge, mirrored_bits
from vetting import audit
from vetting.models import Analysis, Photo, PictureHash, Repeat, Team
from vetting.picture_index import TeamIndex, drop_index, index_of

MOST = 20  # pairs a search enters: a silhouette that a form hands out stands under hundreds of names
CANDIDATES = 200  # near ones that are read again, nearest first
WEIGHT = [Repeat.Kind.SAME_FILE, *Kind]  # strongest first
Hashes = Mapping[str, Mapping[str, Any]]  # part -> value, quality, version: as in the JSON contract
log = logging.getLogger(__name__)


def look_across(*, photo: Photo, hashes: Hashes) -> list[Repeat]:
    """Stores the photo's hashes and enters the pairs that are new; handed back are those.

    Done again with the same hashes it changes nothing. The number of queries does not depend on the team's photos.
    """
    team = photo.applicant.opening.team
    index = index_of(team)  # the long reading, now and then, is done before the lock is taken
    try:
        with transaction.atomic():
            Team.objects.select_for_update().get(pk=team.pk)
            if not Photo.objects.filter(pk=photo.pk).exists():
                return []  # forgotten since it was examined
            _store(photo, hashes)
            index.refresh()
            return _enter(photo, _found(photo, team, index))
    except BaseException:
        drop_index(team)
        raise


def look_across_safely(*, photo: Photo, hashes: Hashes) -> None:
    """As above; a failure is logged and costs nothing. `manage.py hash_photos` looks again at what was left out."""
    try:
        look_across(photo=photo, hashes=hashes)
    except Exception:
        log.exception("photo %s was not compared with the team's others; manage.py hash_photos does it", photo.pk)


def unhashed() -> QuerySet[Photo]:
    """Photos without a hash of today's kind that no worker is about to hash, oldest first."""
    whole = PictureHash.objects.filter(photo=OuterRef("pk"), part=Part.WHOLE, version=VERSION)
    in_work = Analysis.objects.filter(photo=OuterRef("pk"), state__in=Analysis.IN_WORK)
    rows = Photo.objects.filter(~Exists(whole), ~Exists(in_work)).order_by("pk")
    return rows.select_related("applicant__opening__team")


def hash_photo(photo: Photo) -> list[Repeat]:
    """Hashes a photo that was examined before there were hashes, and looks across. Raises OSError, PictureError."""
    from detector.picture_hashes import hash_bytes  # late: it loads the decoders

    newest = photo.analyses.filter(state="done").order_by("-pk").first()
    known = newest.result.get("picture_hashes") if newest else None
    if not known or known.get(Part.WHOLE, {}).get("version") != VERSION:
        hashed = hash_bytes(photo.read_original(), max_pixels=settings.MAX_PHOTO_PIXELS)
        known = {part: one.to_json() for part, one in hashed.items()}
    return look_across(photo=photo, hashes=known)


def _store(photo: Photo, hashes: Hashes) -> None:
    """Other values are new rows: indexes read on from the newest key."""
    fresh = [
        PictureHash(photo=photo, part=part, value=said["value"], quality=said["quality"], version=said["version"])
        for part, said in hashes.items()
    ]
    known = {(row.part, row.value, row.quality, row.version) for row in photo.hashes.all()}
    if known == {(row.part, row.value, row.quality, row.version) for row in fresh}:
        return
    if known:
        photo.hashes.all().delete()
    PictureHash.objects.bulk_create(fresh)


def _found(photo: Photo, team: Team, index: TeamIndex) -> list[Repeat]:
    """The pairs as they stand in the database now, strongest and nearest first, at most MOST."""
    mine = {row.part: row for row in photo.hashes.all()}
    pairs = {other.pk: _pair(photo, other, Repeat.Kind.SAME_FILE, 0) for other in _same_file(photo, team)}
    candidates = _candidates(photo, mine, index)
    for other in _read_again(candidates, photo, team):
        if other.pk not in pairs and (judged := _judged(mine, {row.part: row for row in other.hashes.all()})):
            pairs[other.pk] = _pair(photo, other, *judged)
    ordered = sorted(pairs.values(), key=lambda pair: (WEIGHT.index(pair.kind), pair.distance))
    if len(ordered) > MOST:
        log.info("photo %s has %s repeats; the %s nearest are entered", photo.pk, len(ordered), MOST)
    return ordered[:MOST]


def _others(photo: Photo, team: Team) -> Any:
    rows = Photo.objects.filter(applicant__opening__team=team).exclude(applicant=photo.applicant_id)
    return rows.order_by("pk")


def _same_file(photo: Photo, team: Team) -> Iterable[Photo]:
    same: list[Photo] = list(_others(photo, team).filter(sha256=photo.sha256)[:MOST])
    return same


def _candidates(photo: Photo, mine: Mapping[str, PictureHash], index: TeamIndex) -> list[int]:
    """Photos that the index has within reach of any part, nearest first."""
    near: dict[int, int] = {}
    for part, row in mine.items():
        if row.quality < LEAST_QUALITY[Part(part)] or row.version != VERSION:
            continue
        bits = bits_of([row.value])
        for turned, limits in ((bits, LIMITS), (mirrored_bits(bits), MIRROR_LIMITS)):
            reached = index.near(Part(part), turned, within=limits[Part(part)], not_of=photo.applicant_id)
            near |= {pk: min(apart, near.get(pk, apart)) for pk, apart in reached.items()}
    return sorted(near, key=lambda pk: near[pk])[:CANDIDATES]


def _read_again(candidates: list[int], photo: Photo, team: Team) -> Iterable[Photo]:
    """The candidates that are still there, with their hashes of today."""
    if not candidates:
        return []
    rows: list[Photo] = list(_others(photo, team).filter(pk__in=candidates).prefetch_related("hashes"))
    return rows


def _judged(mine: Mapping[str, PictureHash], theirs: Mapping[str, PictureHash]) -> tuple[str, int] | None:
    """Kind and distance; None where no part is near enough, or was hashed in another way."""
    parts = {
        Part(part): ((row.value, row.quality), (theirs[part].value, theirs[part].quality))
        for part, row in mine.items()
        if part in theirs and row.version == theirs[part].version == VERSION
    }
    found = judge(parts)
    return (found.kind.value, found.distance) if found else None


def _pair(photo: Photo, other: Photo, kind: str, distance: int) -> Repeat:
    """One row a pair, whichever was examined last: the later photo repeats the earlier one."""
    later, earlier = (photo, other) if photo.pk > other.pk else (other, photo)
    return Repeat(photo=later, of=earlier, kind=kind, distance=distance)


def _enter(photo: Photo, pairs: list[Repeat]) -> list[Repeat]:
    """Writes new pairs with an event each; a pair that is known gets today's kind and distance, without an event."""
    known = {(row.photo_id, row.of_id): row for row in Repeat.objects.filter(Q(photo=photo) | Q(of=photo))}
    fresh = [pair for pair in pairs if (pair.photo_id, pair.of_id) not in known]
    for pair in pairs:
        before = known.get((pair.photo_id, pair.of_id))
        if before and (before.kind, before.distance) != (pair.kind, pair.distance):
            Repeat.objects.filter(pk=before.pk).update(kind=pair.kind, distance=pair.distance)
    for pair in Repeat.objects.bulk_create(fresh):
        audit.record(
            team=photo.applicant.opening.team,
            actor=None,
            verb="repeat.found",
            subject=pair.photo,
            of=f"photo:{pair.of_id}",
            kind=str(pair.kind),
            distance=pair.distance,
        )
    return fresh
