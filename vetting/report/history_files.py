"""The history of a photo as files for Typst: its drawing, and the small pictures of the signed steps."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from vetting.models import Photo
from vetting.report.history import History, credentials_in, history_of
from vetting.report.history_picture import history_svg
from vetting.report.photo_evidence import PhotoEvidence
from vetting.report.readings import assurance_words, readings_of
from vetting.report.small_pictures import small_pictures

MOST_ROWS = 24  # of a history on paper: the first two and the latest; the JSON export has all
FIRST = 2


def draw_history(photo: PhotoEvidence, folder: Path) -> dict[str, Any] | None:
    """Rows, picture and readings as Typst shows them; None where there is no result."""
    if photo.analysis is None:
        return None
    history = history_of(photo.analysis.examination)
    credentials = credentials_in(photo.analysis.examination)
    name = f"history-{photo.id}.svg"
    (folder / name).write_text(history_svg(history), encoding="utf-8")
    readings = readings_of(credentials)
    rows = list(history.rows)
    left_out = max(0, len(rows) - MOST_ROWS)
    return {
        "drawing": name,
        "described": f"The history of the file, left to right: {history.sentence}",
        "words": history.words,
        "outdated": history.outdated,
        "rows": [asdict(row) for row in [*rows[:FIRST], *rows[FIRST + left_out :]]],
        "left_out": left_out,
        "pictures": _pictures(photo, history, folder),
        "assurance": assurance_words(credentials),
        "readings": asdict(readings) if readings else None,
    }


def _pictures(photo: PhotoEvidence, history: History, folder: Path) -> dict[str, str]:
    """Place -> file, of those that can be shown."""
    files = {}
    found = small_pictures(Photo(sha256=photo.sha256_at_intake), history.uris)
    for place, uri in enumerate(history.uris):
        if uri in found:
            files[str(place)] = f"step-{photo.id}-{place}.jpg"
            (folder / files[str(place)]).write_bytes(found[uri])
    return files
