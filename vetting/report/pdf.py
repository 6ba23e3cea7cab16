"""The evidence as PDF/UA-1, set by Typst. What people wrote goes in as data, never as markup.

PDF/UA forbids a character without a glyph. Whatever no font here can draw is shown by its Unicode number, and the
report says so: a name in a script that is not installed must not cost the export.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typst

from vetting.report import words
from vetting.report.attached import NAME
from vetting.report.evidence import ApplicantEvidence
from vetting.report.history_files import draw_history
from vetting.report.meetings import draw_meeting
from vetting.report.opening import OpeningEvidence
from vetting.report.photo_evidence import PhotoEvidence
from vetting.report.pictures import draw_crops, draw_pictures, preview_of
from vetting.report.record import as_json
from vetting.report.signing import Signed
from vetting.report.unicode_numbers import drawable, fonts, only_latin, without_hidden

TEMPLATES = Path(__file__).parent
SHARED = "shared.typ"
NO_GLYPH = "could not be displayed"  # Typst's words where PDF/UA meets a character without a glyph
log = logging.getLogger(__name__)


def render(evidence: ApplicantEvidence, signed: Signed) -> bytes:
    """The report as a tagged PDF with what was signed. Raises typst.TypstError only for a fault of the template."""
    with tempfile.TemporaryDirectory(prefix="candid-report-") as name:
        folder = Path(name)
        return _set("report.typ", _shown(evidence, folder), signed, folder)


def render_opening(evidence: OpeningEvidence, signed: Signed) -> bytes:
    """The same of an opening."""
    with tempfile.TemporaryDirectory(prefix="candid-report-") as name:
        return _set("opening.typ", asdict(evidence), signed, Path(name))


def _set(template: str, shown: dict[str, Any], signed: Signed, folder: Path) -> bytes:
    for each in (template, SHARED):
        shutil.copy(TEMPLATES / each, folder)
    (folder / NAME).write_bytes(as_json(signed.document))
    shown["seal"] = {**_seal(signed), "attached": NAME}
    attempts: tuple[Callable[[str], str], ...] = (without_hidden, drawable, only_latin)
    for attempt in attempts[:-1]:
        try:
            return _compiled(folder / template, shown, attempt, signed)
        except typst.TypstError as error:
            if NO_GLYPH not in str(error):
                raise
            log.info("report %s has characters that no font here draws: %s", shown["id"], error)
    return _compiled(folder / template, shown, attempts[-1], signed)


def _seal(signed: Signed) -> dict[str, str]:
    told = {name: getattr(signed, name) for name in ("digest", "key_id", "signed_at", "value")}
    return {**told, "verify_at": signed.document["verify_at"]}


def _compiled(template: Path, shown: dict[str, Any], write: Callable[[str], str], signed: Signed) -> bytes:
    folder = template.parent
    written = _each_text(shown, write)
    written["numbered"] = written != _each_text(shown, lambda text: text)
    (folder / "evidence.json").write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
    pdf: bytes = typst.compile(
        template,
        root=folder,
        font_paths=fonts(),
        pdf_standards=["ua-1"],
        timestamp=dt.datetime.fromisoformat(signed.signed_at),
    )
    return pdf


def _each_text(value: Any, write: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return write(unicodedata.normalize("NFC", value))
    if isinstance(value, dict):
        return {key: _each_text(inner, write) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(inner, write) for inner in value]
    return value


def _shown(evidence: ApplicantEvidence, folder: Path) -> dict[str, Any]:
    """The evidence less what only programs read, plus the files of its pictures, which are written to `folder`."""
    shown = asdict(evidence)
    for photo, record in zip(evidence.photos, shown["photos"], strict=True):
        record["pictures"] = _pictures(photo, record, folder)
        record["history"] = draw_history(photo, folder)
        for analysis in [record["analysis"], *record["others"]]:
            if analysis:
                analysis["examination"] = None
                analysis["versions"] = _versions(analysis["versions"])
    for meeting, record in zip(evidence.meetings, shown["meetings"], strict=True):
        record["pictures"] = draw_meeting(meeting, folder)
    return shown | {"status_titles": words.STATUS_TITLES, "next_event": words.NEXT_EVENT}


def _pictures(photo: PhotoEvidence, record: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Writes the photo's pictures, and puts each finding's crops into its record."""
    seen = preview_of(photo)
    if photo.analysis:
        for finding, shown in zip(photo.analysis.findings, record["analysis"]["findings"], strict=True):
            shown["crops"] = draw_crops(finding, photo, seen, folder) if seen else []
            shown["figure"] = None
    return draw_pictures(photo, seen, folder) if seen else []


def _versions(versions: dict[str, Any]) -> list[dict[str, str]]:
    """As lines of name and value; whatever keys an analysis of another time has. Packs have lines of their own."""
    named = sorted((str(name), value) for name, value in versions.items() if name != "packs" or not value)
    return [{"name": name.replace("_", " "), "value": _plain(value)} for name, value in named]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(inner)}" for name, inner in sorted(value.items())) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value)) or "none"
    return str(value)
