"""A bundle: the reports on several applicants of an opening as one ZIP file, sent while it is being written.

Each applicant has a folder with the PDF and the JSON, made from the same signed data; overview.csv has a row for each,
and manifest.json, which is signed, the SHA-256 of every file. Nothing is kept on the server.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from vetting.models import Applicant, Opening, User
from vetting.report import tables
from vetting.report.evidence import REPORT, collect_applicant, collect_opening
from vetting.report.issuing import issue
from vetting.report.keys import signing_key
from vetting.report.pdf import render
from vetting.report.plain import person, utc
from vetting.report.record import as_json
from vetting.report.signing import sign

MOST_APPLICANTS = 500  # 0.14 to 0.36 s each on two busy cores, so one to three minutes
README = """This folder holds reports on applicants, as Candid issued them.

  NAME (NUMBER)/report.pdf    to read and to file
  NAME (NUMBER)/report.json   the same, complete, for programs
  overview.csv                one row an applicant
  manifest.json               the SHA-256 of every file here, signed

Each PDF and JSON file can be verified by itself: {verify_at}
"""
# What Windows takes neither in a name nor as one.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
LONGEST = 60  # characters of a person's name in a folder's; whole paths are short of 260 on Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFile:
    """applicant: of whom; None for what is about all of them."""

    path: str
    size: int
    sha256: str
    applicant: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """left_out: applicants who were deleted while the bundle was being made."""

    report: int
    id: str
    exported_at: str
    exported_by: str
    team: dict[str, Any]
    opening: dict[str, Any]
    files: tuple[BundledFile, ...]
    left_out: tuple[int, ...]


def stream_bundle(opening: Opening, applicants: Sequence[int], *, by: User, verify_at: str = "") -> Iterator[bytes]:
    """The ZIP file's bytes, piece by piece. applicants: their ids. Raises NoSigningKey before the first piece."""
    signing_key()
    return _pieces(opening, applicants, by, verify_at)


def _pieces(opening: Opening, applicants: Sequence[int], by: User, verify_at: str) -> Iterator[bytes]:
    out, files, left_out = _Out(), list[BundledFile](), list[int]()
    begun = timezone.now()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(path: str, content: bytes, about: int | None = None) -> bytes:
            archive.writestr(_entry(path, begun), content)
            sha256 = hashlib.sha256(content).hexdigest()
            files.append(BundledFile(path=path, size=len(content), sha256=sha256, applicant=about))
            return out.taken()

        yield add("read me.txt", README.format(verify_at=verify_at or "/verify/ of the installation").encode())
        rows = Applicant.objects.filter(opening=opening, pk__in=applicants)
        by_key = {row.pk: row for row in rows.select_related("opening__team")}
        for pk in applicants:
            try:
                made = _reports(by_key[pk], by, verify_at)
            except (KeyError, Applicant.DoesNotExist):  # deleted in the meantime
                left_out.append(pk)
                continue
            for path, content in made:
                yield add(path, content, pk)
        overview = tables.applicants_table(collect_opening(opening, only=applicants))
        yield add("overview.csv", overview)
        manifest = _manifest(opening, by, begun, files, left_out)
        signed = sign(manifest, kind="bundle", verify_at=verify_at)
        issue(overview, signed, subject=opening, by=by, form="csv")
        listed = as_json(signed.document)
        many = len(applicants) - len(left_out)
        issue(listed, signed, subject=opening, by=by, form="manifest", verb="bundle.exported", applicants=many)
        yield add("manifest.json", listed)
    yield out.taken()


def _reports(applicant: Applicant, by: User, verify_at: str) -> Iterator[tuple[str, bytes]]:
    evidence = collect_applicant(applicant, by=by)
    signed = sign(evidence, kind="applicant", verify_at=verify_at)
    made = {"pdf": render(evidence, signed), "json": as_json(signed.document)}
    folder = folder_of(applicant)
    files = [
        (f"{folder}/report.{form}", issue(content, signed, subject=applicant, by=by, form=form))
        for form, content in made.items()
    ]
    return iter(files)


def folder_of(applicant: Applicant) -> str:
    """The person's name as a folder that Windows takes; the number keeps namesakes apart."""
    name = " ".join(unicodedata.normalize("NFC", applicant.name).split())
    visible = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    safe = FORBIDDEN.sub("_", visible)[:LONGEST].strip(" .")
    if RESERVED.match(safe):
        safe = f"_{safe}"
    return f"{safe or 'Applicant'} ({applicant.pk})"


def _manifest(
    opening: Opening, by: User, begun: dt.datetime, files: Sequence[BundledFile], left_out: Sequence[int]
) -> Manifest:
    return Manifest(
        report=REPORT,
        id=f"{opening.team_id}-bundle-{opening.pk}-{begun:%Y%m%dT%H%M%SZ}",
        exported_at=utc(timezone.now()),
        exported_by=person(by),
        team={"id": opening.team_id, "name": opening.team.name},
        opening={"id": opening.pk, "title": opening.title},
        files=tuple(files),
        left_out=tuple(left_out),
    )


def _entry(path: str, at: dt.datetime) -> zipfile.ZipInfo:
    local = timezone.localtime(at)
    entry = zipfile.ZipInfo(path, local.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_STORED if path.endswith(".pdf") else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


class _Out:
    """Where the archive is written to: what is there is taken away piece by piece, and never sought back to."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, piece: bytes | bytearray | memoryview, /) -> int:
        self._held += piece
        return memoryview(piece).nbytes

    def flush(self) -> None:
        """zipfile asks for both."""

    def close(self) -> None: ...

    def taken(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held
