"""The dates that stand in a file, and what cannot be true of them. They are the clock's of whoever wrote them.

Sources: EXIF 3.0 (CIPA DC-008), 4.6.6 D (dates, offsets); XMP part 1 (ISO 16684-1), 8.2.1.4; MWG guidelines 2.0, 5.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from detector.provenance.file_metadata import Metadata

# EXIF 1.0 appeared in October 1995 (JEIDA); no camera wrote such a date before.
FIRST_CAMERAS = datetime(1995, 1, 1, tzinfo=UTC)
TOMORROW = timedelta(days=1)  # a clock may be a zone ahead
ZONES = timedelta(hours=26)  # the most by which two clocks on earth differ
WRITING = timedelta(hours=1)  # a camera or a phone may take its time to finish a file

DATE = re.compile(
    r"\s*(\d{4})[-:/.](\d\d)[-:/.](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)
ZEROS = re.compile(r"\s*0000[-:]00[-:]00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date as a clock showed it. clock: in UTC only so that it can be reckoned with. offset: of its zone, if said."""

    clock: datetime
    offset: timedelta | None = None

    @property
    def instant(self) -> datetime:
        """In UTC; where no zone is said, as if the clock had shown UTC."""
        return self.clock - (self.offset or timedelta())

    def after(self, other: Moment) -> timedelta:
        """How much later it is than another; by the clocks' faces where one of them says no zone."""
        if self.offset is None or other.offset is None:
            return self.clock - other.clock
        return self.instant - other.instant

    def surely_after(self, other: Moment) -> bool:
        """Whether it is later whatever zones the clocks stood in."""
        known = self.offset is not None and other.offset is not None
        return self.after(other) > (WRITING if known else ZONES)

    def iso(self) -> str:
        """Such as 2026-03-14T09:26:53, with the offset where one is said."""
        zone = ""
        if self.offset is not None:
            minutes = round(self.offset.total_seconds() / 60)
            zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        return self.clock.strftime("%Y-%m-%dT%H:%M:%S") + zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """captured: of the picture. digitised: by camera or scanner. modified, xmp_*: of the file. zeros: one is zeros."""

    captured: Moment | None = None
    digitised: Moment | None = None
    modified: Moment | None = None
    xmp_created: Moment | None = None
    xmp_modified: Moment | None = None
    xmp_metadata: Moment | None = None
    zeros: bool = False

    @property
    def begun(self) -> Moment | None:
        """When this file's picture came to be: a scan is as old as its scanning, not as the photo on the paper."""
        if self.captured and self.digitised and self.digitised.surely_after(self.captured):
            return self.digitised
        return self.captured or self.digitised

    @property
    def saved(self) -> Moment | None:
        """The latest date of a change of the file, other than of its metadata alone."""
        return max((each for each in (self.modified, self.xmp_modified) if each), key=lambda m: m.instant, default=None)

    def to_json(self) -> dict[str, str]:
        """ISO dates by name, those that stand in the file."""
        names = ("captured", "digitised", "modified", "xmp_created", "xmp_modified", "xmp_metadata")
        return {name: moment.iso() for name in names if (moment := getattr(self, name))}


def dates_of(metadata: Metadata) -> Dates:
    """The dates of the EXIF (with their offsets) and of the XMP; what is no date is left out."""
    captured = _moment(metadata.first("exif:DateTimeOriginal"), metadata.first("exif:OffsetTimeOriginal"))
    digitised = _moment(metadata.first("exif:DateTimeDigitized"), metadata.first("exif:OffsetTimeDigitized"))
    return Dates(
        captured=captured or _moment(metadata.first("xmp:exif:DateTimeOriginal", "xmp:photoshop:DateCreated")),
        digitised=digitised or _moment(metadata.first("xmp:exif:DateTimeDigitized")),
        modified=_moment(metadata.first("exif:DateTime"), metadata.first("exif:OffsetTime")),
        xmp_created=_moment(metadata.first("xmp:xmp:CreateDate")),
        xmp_modified=_moment(metadata.first("xmp:xmp:ModifyDate")),
        xmp_metadata=_moment(metadata.first("xmp:xmp:MetadataDate")),
        zeros=bool(ZEROS.match(metadata.first("exif:DateTimeOriginal"))),
    )


def moment_of(text: str) -> Moment | None:
    """A date of XMP ("2026-03-14T09:26:53+01:00") or EXIF ("2026:03:14 09:26:53"); None for anything else."""
    return _moment(text)


def _moment(text: str, offset: str = "") -> Moment | None:
    match = DATE.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        clock = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    return Moment(clock=clock, offset=_offset(match[7] or offset.strip("\0 ")))


def _offset(text: str) -> timedelta | None:
    if text == "Z":
        return timedelta()
    match = re.fullmatch(r"([+-])(\d\d):?(\d\d)", text)
    if match is None or int(match[2]) > 14:
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -size if match[1] == "-" else size


def impossible(dates: Dates, today: datetime) -> str:
    """A sentence on the first date that cannot be true; "" where all can. today: in UTC."""
    begun, saved = dates.begun, dates.saved
    ahead = next((each for each in (begun, saved) if each and each.instant > today + TOMORROW), None)
    if ahead:
        return f"A date in the metadata lies in the future: {_day(ahead)}."
    if begun and begun.clock < FIRST_CAMERAS:
        return f"The metadata date the picture to {_day(begun)}, before there were cameras that write such dates."
    if begun and saved and begun.surely_after(saved):
        return f"By its dates the picture was taken on {_day(begun)}, after the file's last change on {_day(saved)}."
    if dates.zeros:
        return "The date of the capture consists of zeros."
    return ""


def saved_again(dates: Dates) -> str:
    """A sentence where the metadata note a change clearly later than the capture; else ""."""
    begun, saved = dates.begun, dates.saved
    if not (begun and saved and saved.surely_after(begun)):
        return ""
    return f"The metadata note that the file was saved again {_span(saved.after(begun))} after the capture."


def _day(moment: Moment) -> str:
    return f"{moment.clock.day} {moment.clock:%B %Y}"


def _span(gap: timedelta) -> str:
    """In words: "3 hours", "40 days", "2 years"."""
    for length, unit, least in ((365.25 * 24, "years", 2), (24, "days", 2), (1, "hours", 0)):
        count = int(gap.total_seconds() / 3600 / length)
        if count >= least:
            return f"{count} {unit if count != 1 else unit[:-1]}"
    return "some time"
