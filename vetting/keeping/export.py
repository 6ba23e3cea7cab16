"""The copy that is handed out: one ZIP with the document of stored.py, the photos as they came in, and the notices."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.core.files.storage import storages
from django.utils import timezone

from vetting.keeping.stored import SCHEMA, booth_path_of, consents_of, path_of, photos_of, stored_about
from vetting.models import Applicant, Notice
from vetting.report.plain import utc

PIECE = 256 * 1024  # bytes that are sent at once
README = """This is everything that {team} has stored about you on this site, as of {at}.

everything.json   all of it, for programs; {schema}
photos/           your photos, byte for byte as they came in
analyses/         what the checks said of each photo, complete
booth/            pictures that were taken of you at a meeting, if there were any
notices/          what you were told, in each wording that you answered

People of the team stand in it by what they do, not by name. Other people's names were taken out of notes.
If you answered the question about groups, your answer is in nobody's copy; you can take it back on your page.
A score is a figure that a check gave a picture. By itself it decides nothing and proves nothing.
"""


def stream_copy(applicant: Applicant) -> Iterator[bytes]:
    """The ZIP, piece by piece, out of a file without a name: nothing of it stays when it is sent, or is not."""
    with tempfile.TemporaryFile() as file:
        _write_copy(applicant, file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _write_copy(applicant: Applicant, file: IO[bytes]) -> None:
    made, at = stored_about(applicant), timezone.now()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        about = README.format(team=applicant.opening.team, at=utc(at), schema=SCHEMA)
        archive.writestr("read me.txt", about)
        made["files_that_could_not_be_read"] = list(_write_pictures(archive, applicant))
        for notice in Notice.objects.filter(pk__in=[consent.notice_id for consent in consents_of(applicant)]):
            archive.writestr(f"notices/{notice.number}.txt", _plain(notice))
        for photo in photos_of(applicant):
            for analysis in photo.analyses.all():
                if analysis.result:
                    archive.writestr(f"analyses/{analysis.pk}.json", _json(analysis.result))
        archive.writestr("everything.json", _json(made))


def _write_pictures(archive: zipfile.ZipFile, applicant: Applicant) -> Iterator[str]:
    """Names what is missing in the store."""
    wanted = [(path_of(photo), photo.original_key) for photo in applicant.photos.all()]
    wanted += [(booth_path_of(check), check.original_key) for check in applicant.booth_checks.all()]
    for path, key in wanted:
        try:
            with storages["originals"].open(key) as original:
                data = original.read()
        except OSError:
            yield path
            continue
        archive.writestr(path, data, zipfile.ZIP_STORED)


def _plain(notice: Notice) -> str:
    parts = (f"{part['title']}\n\n" + "\n\n".join(part["paragraphs"]) for part in notice.text)
    return f"Wording {notice.number} of {utc(notice.made_at)}\n\n" + "\n\n\n".join(parts) + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def name_of_copy() -> str:
    """Without a name: it lies among a person's downloads, and on other people's screens."""
    return f"stored-about-you-{timezone.localdate():%Y-%m-%d}.zip"
