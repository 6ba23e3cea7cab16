"""Reports: complete, exact, about one applicant alone, and safe to open."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from detector.observation import (
    Bearing,
    Figure,
    Observation,
    Outcome,
    Region,
    RegionKind,
    Status,
    Strength,
)
from detector.pipeline import examine
from detector.verdict import judge
from tests.conftest import AddPhoto, astronaut, examine_now, picture
from vetting import analysis as analysis_stage
from vetting import audit, intake, report
from vetting.models import Analysis, Applicant, Event, Opening, Photo, Team, User
from vetting.models.decision import Choice
from vetting.report import tables, words
from vetting.report.evidence import collect_applicant
from vetting.report.pictures import draw_pictures, preview_of
from vetting.report.unicode_numbers import drawable, only_latin, without_hidden
from vetting.review import decide_case

BOX = Region.box(200, 60, 260, 100)
BENT = Figure(seen=((60, 0), (60, 90), (66, 100), (60, 110), (60, 200)), expected=((60, 0), (60, 200)))
POLYGON = Region.polygon([(190, 120), (230, 110), (250, 150)])
ELLIPSE = Region(kind=RegionKind.ELLIPSE, points=((215, 115), (235, 122), (213, 123)))


def seen(code: str, bearing: Bearing, summary: str, region: Region | None = None) -> Observation:
    return Observation(
        code=code,
        bearing=bearing,
        strength=Strength.MODERATE,
        summary=summary,
        caveat=f"This may be something else than {code}.",
        region=region,
    )


SMOOTH = seen("skin.smooth", Bearing.RETOUCHED, "The cheeks are smoother than the eyes are sharp.", POLYGON)
CAPTURED = seen("content_credentials.captured", Bearing.CAPTURED, "A maker vouches for a camera's capture.")


def outcome(detector: str, *observations: Observation, status: Status = Status.FOUND, note: str = "") -> Outcome:
    return Outcome(detector=detector, version=1, status=status, observations=observations, note=note)


def finish_with(photo: Photo, *outcomes: Outcome) -> Analysis:
    """Ends the photo's queued analysis, claimed as by a worker, with these outcomes on its real pixels."""
    analysis = analysis_stage.claim(photo.analyses.get(state__in=Analysis.IN_WORK).pk)
    assert analysis is not None
    examination = examine(photo.read_original())
    verdict = judge(outcomes, pixels_read=True)
    assert analysis_stage.finish(analysis, dataclasses.replace(examination, outcomes=outcomes, verdict=verdict))
    analysis.refresh_from_db()
    return analysis


def pages(pdf: bytes) -> str:
    """The text of all pages less the footers, runs of white space as one blank."""
    text = ""
    for page in PdfReader(io.BytesIO(pdf)).pages:
        lines = page.extract_text().splitlines()
        footer = max(at for at, line in enumerate(lines) if " · Report " in line)
        text += "\n".join(lines[:footer]) + "\n"
    return " ".join(text.replace("\u200b", "").split())


def pictures_of(applicant: Applicant, by: User, folder: Path) -> list[dict[str, Any]]:
    """The files that the report on the applicant's first photo is given."""
    photo = collect_applicant(applicant, by=by).photos[0]
    seen = preview_of(photo)
    assert seen
    return draw_pictures(photo, seen, folder)


def exported(applicant: Applicant, by: User) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(report.applicant_json(applicant, by=by))
    return read


def rows(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))


# --- the PDF


def test_the_pdf_declares_pdf_ua_with_title_language_and_tags(applicant: Applicant, bob: User) -> None:
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(applicant, by=bob)))
    root: Any = pdf.root_object
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Vetting report: Eileen Collins"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert "/StructTreeRoot" in root


def test_the_pdf_names_applicant_opening_team_and_who_exported(applicant: Applicant, bob: User) -> None:
    text = pages(report.applicant_pdf(applicant, by=bob))
    for said in ("Eileen Collins", "Lead, autumn film", "Northlight Casting", "Bob Lindqvist (bob)"):
        assert said in text


MARKUP = ['#panic("x")', "*bold* [`$ _x_ <label> @ref", '"; #import "x"', "= Heading", "\\u{41} // note", "</svg>&amp;"]
SCRIPTS = ["Иван Петров", "Ιωάννης", "Žižek Ångström", "李小龙", "김민수", "สมชาย", "🙂", "a\u0301\u20d2李"]


@pytest.mark.parametrize("name", MARKUP)
def test_what_looks_like_markup_comes_out_as_it_was_written(applicant: Applicant, bob: User, name: str) -> None:
    Applicant.objects.filter(pk=applicant.pk).update(name=name)
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert f"Vetting report: {name}" in text


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_in_any_script_does_not_cost_the_export(applicant: Applicant, bob: User, name: str) -> None:
    Applicant.objects.filter(pk=applicant.pk).update(name=name)
    assert report.applicant_pdf(applicant, by=bob).startswith(b"%PDF-")
    assert exported(applicant, bob)["applicant"]["name"] == name


def test_a_character_without_a_glyph_is_shown_by_its_number_and_said(applicant: Applicant, bob: User) -> None:
    # U+0378 is assigned to nothing, so that no font has it.
    Applicant.objects.filter(pk=applicant.pk).update(name="Ada \u0378 Zoë")
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert "Ada [U+0378] Zoë" in text
    assert "the JSON export has them as they are" in text


def test_a_file_name_cannot_hide_its_ending(applicant: Applicant, bob: User, add_photo: AddPhoto) -> None:
    add_photo(name="holiday\u202egpj.exe")
    assert "holiday[U+202E]gpj.exe" in pages(report.applicant_pdf(applicant, by=bob))


def test_regions_of_all_kinds_are_drawn_over_the_photo_and_read_out(
    applicant: Applicant, bob: User, add_photo: AddPhoto
) -> None:
    photo = add_photo(astronaut(), name="portrait.jpg")
    places = [seen(f"skin.{r.kind}", Bearing.NEUTRAL, f"Something in a {r.kind}.", r) for r in (BOX, POLYGON, ELLIPSE)]
    examine_now(photo)
    intake.request_analysis(photo=photo, by=bob)
    finish_with(photo, outcome("skin", *places))
    pdf = report.applicant_pdf(applicant, by=bob)
    text = pages(pdf)
    for number, kind in enumerate(("box", "polygon", "ellipse"), start=1):
        assert f"Something in a {kind}." in text
        assert f"see the outline no. {number}" in text
    sizes = [image.image.size for page in PdfReader(io.BytesIO(pdf)).pages for image in page.images if image.image]
    assert sizes[0] == (512, 512)
    assert len(sizes) == 5  # the regions are small on the whole photo: a detail of all, and a crop of each
    assert all(wide == tall < 256 for wide, tall in sizes[1:])


def test_a_detail_is_cut_where_the_regions_are_and_they_move_with_it(
    applicant: Applicant, bob: User, add_photo: AddPhoto, tmp_path: Path
) -> None:
    photo = add_photo(astronaut())
    examine_now(photo)
    intake.request_analysis(photo=photo, by=bob)
    finish_with(photo, outcome("skin", seen("skin.smooth", Bearing.NEUTRAL, "Smooth.", BOX)))
    whole, detail = pictures_of(applicant, bob, tmp_path)
    boxes = []
    for picture_ in (whole, detail):
        box = fromstring((tmp_path / picture_["regions"]).read_text()).find(".//{*}g[@class='region']/{*}rect")
        assert box is not None
        boxes.append([float(box.attrib[name]) for name in ("x", "y", "width", "height")])
    assert boxes[0] == [200, 60, 60, 40]
    assert boxes[1][2:] == boxes[0][2:]
    assert 0 < boxes[1][0] < boxes[1][0] + 60 < detail["width"] < whole["width"] / 2
    assert 0 < boxes[1][1] < boxes[1][1] + 40 < detail["height"] < whole["height"] / 2


def test_a_region_that_covers_most_of_the_photo_needs_no_detail(
    applicant: Applicant, bob: User, photo: Photo, tmp_path: Path
) -> None:
    examine_now(photo)
    intake.request_analysis(photo=photo, by=bob)
    finish_with(photo, outcome("skin", seen("skin.smooth", Bearing.NEUTRAL, "Smooth.", Region.box(5, 5, 300, 380))))
    assert len(pictures_of(applicant, bob, tmp_path)) == 1


def test_a_photo_without_a_preview_says_so(applicant: Applicant, bob: User, photo: Photo) -> None:
    assert "The picture cannot be shown here" in pages(report.applicant_pdf(applicant, by=bob))


def test_a_broken_preview_does_not_cost_the_export(applicant: Applicant, bob: User, examined: Analysis) -> None:
    key = examined.photo.preview_key(Photo.Preview.LARGE)
    storages["previews"].delete(key)
    storages["previews"].save(key, ContentFile(b"RIFF broken"))
    assert "The picture cannot be shown here" in pages(report.applicant_pdf(applicant, by=bob))


# --- the bytes


def test_equal_hashes_are_said(applicant: Applicant, bob: User, examined: Analysis) -> None:
    (photo,) = exported(applicant, bob)["photos"]
    assert photo["sha256_at_intake"] == photo["sha256_at_export"] == examined.photo.sha256
    assert photo["integrity"] == "equal"
    assert words.INTEGRITY["equal"] in pages(report.applicant_pdf(applicant, by=bob))


def test_a_stored_file_that_changed_is_said_with_both_hashes(
    applicant: Applicant, bob: User, examined: Analysis
) -> None:
    photo, originals = examined.photo, storages["originals"]
    originals.delete(photo.original_key)
    originals.save(photo.original_key, ContentFile(b"something else"))
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert words.INTEGRITY["different"] in text
    assert photo.sha256 in text
    assert hashlib.sha256(b"something else").hexdigest() in text


def test_a_stored_file_that_is_gone_is_said(applicant: Applicant, bob: User, examined: Analysis) -> None:
    storages["originals"].delete(examined.photo.original_key)
    (photo,) = exported(applicant, bob)["photos"]
    assert (photo["integrity"], photo["sha256_at_export"]) == ("missing", None)
    assert words.INTEGRITY["missing"] in pages(report.applicant_pdf(applicant, by=bob))


# --- what was found


def test_findings_that_contradict_each_other_are_both_kept_and_said(
    applicant: Applicant, bob: User, photo: Photo
) -> None:
    finish_with(photo, outcome("content_credentials", CAPTURED), outcome("skin", SMOOTH))
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert "These findings point in different directions: no. 2 speaks for retouching; no. 1 speaks for" in text
    assert CAPTURED.summary in text
    assert SMOOTH.summary in text


def test_findings_that_agree_are_not_called_a_contradiction(applicant: Applicant, bob: User, photo: Photo) -> None:
    finish_with(photo, outcome("skin", SMOOTH, SMOOTH))
    assert "different directions" not in pages(report.applicant_pdf(applicant, by=bob))


def test_the_four_groups_stand_in_order_and_each_finding_in_its_own(
    applicant: Applicant, bob: User, photo: Photo
) -> None:
    finish_with(photo, outcome("content_credentials", CAPTURED), outcome("skin", SMOOTH))
    text = pages(report.applicant_pdf(applicant, by=bob))
    marks = [*words.GROUPS.values()]
    order = [marks[0], CAPTURED.summary, marks[1], SMOOTH.summary, SMOOTH.caveat, marks[2], marks[3]]
    at = text.index("What was found")
    for said in order:
        at = text.index(said, at) + 1


def test_the_four_outcomes_are_listed_apart_with_their_notes(applicant: Applicant, bob: User, photo: Photo) -> None:
    finish_with(
        photo,
        outcome("skin", SMOOTH),
        dataclasses.replace(
            outcome("eyes", status=Status.CLEAR, note="No mark."),
            details={"not_judged": {"pupils": "Too dark to tell."}},
        ),
        outcome("generator_parameters", status=Status.NOT_APPLICABLE, note="No place for them."),
        outcome("content_credentials", status=Status.FAILED, note="The lists are broken."),
    )
    text = pages(report.applicant_pdf(applicant, by=bob))
    at = text.index("Every check and how it ended", text.index("Content Credentials"))
    for said in ("Saw something", "Looked and saw nothing", "No mark.", "Does not apply", "pupils", "Too dark to tell.",
                 "No place for them.", "Could not look", "The lists are broken."):  # fmt: skip
        at = text.index(said, at) + 1


def test_credentials_that_were_not_read_are_not_called_missing(applicant: Applicant, bob: User, photo: Photo) -> None:
    finish_with(photo, outcome("content_credentials", status=Status.FAILED, note="The lists are broken."))
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert "Content Credentials were not read in this examination. The lists are broken." in text
    assert "No Content Credentials." not in text


def test_a_failed_examination_says_why(applicant: Applicant, bob: User, photo: Photo) -> None:
    analysis = analysis_stage.claim(photo.analyses.get().pk)
    assert analysis is not None
    analysis_stage.fail(analysis, "The lamp went out.")
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert "There is no finished examination of this photo." in text
    assert "failed: The lamp went out." in text


def test_an_examination_that_waits_is_said_and_the_one_before_it_shown(
    applicant: Applicant, bob: User, examined: Analysis
) -> None:
    waiting = intake.request_analysis(photo=examined.photo, by=bob)
    (photo,) = exported(applicant, bob)["photos"]
    assert photo["analysis"]["id"] == examined.pk
    assert [other["id"] for other in photo["others"]] == [waiting.pk]
    assert f"is from the examination before it, no. {examined.pk}" in photo["state_words"]
    assert photo["state_words"] in pages(report.applicant_pdf(applicant, by=bob))


def test_an_applicant_without_photos_has_a_report_that_says_so(applicant: Applicant, bob: User) -> None:
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert "This applicant has no photo." in text
    assert "No verdict yet" in text


def test_scales_limits_and_versions_are_in_the_report(applicant: Applicant, bob: User, examined: Analysis) -> None:
    text = pages(report.applicant_pdf(applicant, by=bob))
    packed = text.replace(" ", "")  # a line may end within "docs/accuracy.md"
    for meaning in (*words.VERDICT_MEANS.values(), *words.STRENGTH_MEANS.values(), *words.LIMITS):
        assert meaning.replace(" ", "") in packed
    for detector, version in examined.versions["detectors"].items():
        assert f"{detector} {version}" in text
    assert f"Version of opencv {examined.versions['opencv']}" in text


def test_decisions_keep_reason_and_the_verdict_of_that_moment(applicant: Applicant, bob: User, photo: Photo) -> None:
    finish_with(photo, outcome("skin", SMOOTH))
    applicant.refresh_from_db()
    decide_case(applicant=applicant, reviewer=bob, choice=Choice.ASK_ORIGINAL, reason="The cheeks look smoothed.")
    intake.request_analysis(photo=photo, by=bob)
    finish_with(photo, outcome("content_credentials", CAPTURED))
    (decision,) = exported(applicant, bob)["decisions"]
    assert (decision["verdict"], decision["reason"]) == ("retouched", "The cheeks look smoothed.")
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert "The cheeks look smoothed." in text
    assert "Ask for the original" in text


# --- events and boundaries


def test_an_export_is_an_event_with_the_hash_of_what_was_handed_out(
    applicant: Applicant, opening: Opening, bob: User
) -> None:
    exports: list[tuple[str, str, Callable[[], bytes]]] = [
        ("pdf", f"applicant:{applicant.pk}", lambda: report.applicant_pdf(applicant, by=bob)),
        ("json", f"applicant:{applicant.pk}", lambda: report.applicant_json(applicant, by=bob)),
        ("csv", f"applicant:{applicant.pk}", lambda: report.applicant_csv(applicant, by=bob)),
        ("csv", f"opening:{opening.pk}", lambda: report.opening_csv(opening, by=bob)),
    ]
    for kind, subject, export in exports:
        handed_out = export()
        event = Event.objects.order_by("-pk").first()
        assert event is not None
        assert (event.verb, event.subject, event.actor) == ("report.exported", subject, bob)
        assert event.data["format"] == kind
        assert event.data["sha256"] == hashlib.sha256(handed_out).hexdigest()
    assert audit.first_broken(opening.team) is None


def test_events_can_be_checked_again_from_the_json(applicant: Applicant, bob: User, examined: Analysis) -> None:
    events = exported(applicant, bob)["events"]
    assert {e["subject"].split(":")[0] for e in events} == {"applicant", "photo", "analysis"}
    for event in events:
        data = json.dumps(event["data"], sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256((event["salt"] + data).encode()).hexdigest() == event["sealed"]
        keys = ("team", "number", "at", "verb", "subject", "version", "sealed", "previous")
        told = {key: event[key] for key in keys} | {"actor": event["actor_id"]}
        line = json.dumps(told, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(line.encode()).hexdigest() == event["digest"]


def test_an_event_that_was_changed_afterwards_is_said(applicant: Applicant, bob: User) -> None:
    Event.objects.filter(subject=f"applicant:{applicant.pk}").update(verb="applicant.praised")
    assert "does not fit its event" in pages(report.applicant_pdf(applicant, by=bob))


def test_nothing_of_another_team_or_applicant_is_in_a_report(
    applicant: Applicant, opening: Opening, alice: User, bob: User, charlie: User, add_photo: AddPhoto
) -> None:
    """The other two have the very same bytes, so that only the rows tell them apart."""
    abroad = Team.objects.get(memberships__user=charlie)
    other_opening = Opening.objects.create(team=abroad, title="Harbour desk", created_by=charlie)
    stranger = intake.add_applicant(opening=other_opening, name="Sam Secret", by=charlie)
    neighbour = intake.add_applicant(opening=opening, name="Nora Next", by=alice)
    for one, name in ((stranger, "sams.jpg"), (neighbour, "noras.jpg"), (applicant, "own.jpg")):
        examine_now(add_photo(to=one, name=name))
    outputs = [report.applicant_json(applicant, by=bob), report.applicant_csv(applicant, by=bob)]
    outputs.append(pages(report.applicant_pdf(applicant, by=bob)).encode())
    for output in outputs:
        assert b"own.jpg" in output
        for secret in (b"Sam Secret", b"sams.jpg", b"Harbour", b"charlie", b"Nora Next", b"noras.jpg"):
            assert secret not in output
    listed = report.opening_csv(opening, by=bob)
    assert b"Nora Next" in listed
    assert b"Sam Secret" not in listed


def counted(applicant: Applicant, by: User) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        report.applicant_json(applicant, by=by)
    return len(queries)


def test_the_number_of_queries_does_not_grow_with_the_evidence(
    applicant: Applicant, opening: Opening, bob: User, add_photo: AddPhoto
) -> None:
    def add(seed: int) -> None:
        photo = add_photo(picture(seed))
        finish_with(photo, outcome("skin", SMOOTH))
        intake.request_analysis(photo=photo, by=bob)
        finish_with(photo, outcome("skin", SMOOTH, SMOOTH))
        decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason=f"Reason {seed}.")

    add(0)
    at_one = counted(applicant, bob)
    for seed in range(1, 8):
        add(seed)
    assert counted(applicant, bob) == at_one


def test_the_number_of_queries_does_not_grow_with_the_opening(
    applicant: Applicant, opening: Opening, alice: User, bob: User
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            report.opening_csv(opening, by=bob)
        return len(queries)

    decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason="Seen.")
    at_one = count()
    for number in range(20):
        more = intake.add_applicant(opening=opening, name=f"Person {number}", by=alice)
        decide_case(applicant=more, reviewer=bob, choice=Choice.ACCEPT, reason="Seen.")
    assert count() == at_one


# --- JSON and CSV


def test_the_json_is_canonical_versioned_and_complete(applicant: Applicant, bob: User, photo: Photo) -> None:
    analysis = finish_with(photo, outcome("skin", dataclasses.replace(SMOOTH, figure=BENT)))
    data = report.applicant_json(applicant, by=bob)
    read = json.loads(data)
    assert data == json.dumps(read, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"
    assert read["report"] == 1
    (shown,) = read["photos"]
    assert shown["analysis"]["examination"] == analysis.result
    (finding,) = shown["analysis"]["findings"]
    assert finding["region"] == POLYGON.to_json()
    assert finding["figure"] == BENT.to_json()
    assert (finding["group"], finding["strength"], finding["summary"]) == ("signs", "moderate", SMOOTH.summary)


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")', " =1+1", "＝1+1"])
def test_no_cell_is_a_formula(applicant: Applicant, opening: Opening, bob: User, evil: str) -> None:
    Applicant.objects.filter(pk=applicant.pk).update(name=evil)
    (row,) = rows(report.opening_csv(opening, by=bob))
    assert row["name"] == f"'{evil}"


def test_ordinary_cells_stay_as_they_are(applicant: Applicant, opening: Opening, bob: User) -> None:
    Applicant.objects.filter(pk=applicant.pk).update(name='Ann-Marie O\'Neil, 3 = three; "A"')
    (row,) = rows(report.opening_csv(opening, by=bob))
    assert row["name"] == 'Ann-Marie O\'Neil, 3 = three; "A"'


def test_the_applicant_csv_has_a_row_a_finding_and_one_for_a_photo_without_any(
    applicant: Applicant, bob: User, add_photo: AddPhoto
) -> None:
    finish_with(add_photo(name="=evil.jpg"), outcome("skin", SMOOTH, SMOOTH))
    add_photo(picture(1), name="waiting.jpg")
    table = report.applicant_csv(applicant, by=bob)
    assert table.startswith(b"\xef\xbb\xbf")
    listed = rows(table)
    assert [(row["file name"], row["finding"]) for row in listed] == [
        ("'=evil.jpg", "1"),
        ("'=evil.jpg", "2"),
        ("waiting.jpg", ""),
    ]
    assert "There is no finished examination" in listed[2]["state"]
    assert set(listed[0]) == set(tables.FINDING_COLUMNS)
    assert None not in listed[2].values()


def test_the_opening_csv_has_a_row_an_applicant_with_the_latest_decision(
    applicant: Applicant, opening: Opening, bob: User
) -> None:
    decide_case(applicant=applicant, reviewer=bob, choice=Choice.ASK_TO_MEET, reason="Not sure.")
    decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason="Met.")
    (row,) = rows(report.opening_csv(opening, by=bob))
    assert (row["decision"], row["decision reason"], row["decided by"]) == (
        "Accept the photo",
        "Met.",
        "Bob Lindqvist (bob)",
    )
    assert None not in row.values()


# --- characters


def test_hidden_characters_become_numbers_and_ordinary_ones_stay() -> None:
    assert without_hidden("a\x00\x1bb\u202ec\nd") == "a[U+0000 U+001B]b[U+202E]c\nd"
    assert drawable("Zoë – Žižek, Ιωάννης, Иван") == "Zoë – Žižek, Ιωάννης, Иван"
    assert drawable("a\u0378b") == "a[U+0378]b"
    assert only_latin("Zoë 李小 “ok”") == "Zoë [U+674E U+5C0F] “ok”"
