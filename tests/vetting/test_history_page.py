"""The history of a file: signed steps, gaps and unsigned statements, on the page, as a picture, and in the report."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from tests.conftest import AddPhoto, SignIn, examine_now, picture, text, words
from tests.vetting.test_report import pages
from vetting import analysis as stage
from vetting import intake, report
from vetting.demo.credentials import Signer, created, done, sign, statement, throw_away_authority
from vetting.models import Analysis, Applicant, Photo, User
from vetting.report.history import MOST_PICTURES, Gap, history_of
from vetting.report.history_picture import history_svg
from vetting.report.steps import runs_of


@pytest.fixture(scope="module")
def signer() -> Signer:
    return throw_away_authority().issue("Atelier Lindqvist")


@pytest.fixture(scope="module")
def chain(signer: Signer) -> bytes:
    """Captured, opened and cropped, then six edits: three manifests, each with a small copy of the picture."""
    plain = picture(3)
    captured = sign(plain, "image/jpeg", statement(created("digitalCapture")), signer, thumbnails=True)
    cropped = sign(
        plain,
        "image/jpeg",
        statement(done("c2pa.opened", "IMG_1.jpg"), done("c2pa.cropped"), tool="Darkroom 5"),
        signer,
        ingredients={"IMG_1.jpg": ("parentOf", captured)},
        thumbnails=True,
    )
    edits = [{"action": "c2pa.edited", "parameters": {"name": name}} for name in ("curves", "heal", "move")]
    return sign(
        plain,
        "image/jpeg",
        statement(done("c2pa.opened", "cropped.jpg"), *edits, *edits, tool="Darkroom 5"),
        signer,
        ingredients={"cropped.jpg": ("parentOf", cropped)},
        thumbnails=True,
    )


@pytest.fixture
def chained(add_photo: AddPhoto, chain: bytes) -> Analysis:
    return examine_now(add_photo(chain, name="chain.jpg"))


def address(photo: Photo) -> str:
    return reverse("history", args=[photo.pk])


def kinds(page: str) -> list[str]:
    return re.findall(r'<li class="row" data-kind="(\w+)"', page)


def rewrite(analysis: Analysis, **changed: Any) -> None:
    """Changes the credentials of a stored result, as an examination of another time or file would have them."""
    for outcome in analysis.result["outcomes"]:
        if outcome["detector"] == "content_credentials":
            outcome["details"] = {**outcome["details"], **changed}
    analysis.save(update_fields=["result"])


def add_outcome(analysis: Analysis, detector: str, **details: Any) -> None:
    others = [one for one in analysis.result["outcomes"] if one["detector"] != detector]
    outcome = {"detector": detector, "status": "clear", "observations": [], "version": 9, "details": details}
    analysis.result["outcomes"] = [*others, outcome]
    analysis.save(update_fields=["result"])


# --- the line of time


def test_each_signed_step_stands_with_signer_program_and_actions_oldest_first(chained: Analysis, site: Client) -> None:
    page = text(site, address(chained.photo))
    assert kinds(page)[:3] == ["signed"] * 3
    said = words(page)
    assert said.count("Signed by Atelier Lindqvist unknown signer") == 3
    assert "Claims: a camera’s capture" in said
    assert said.index("Created, declared as captured") < said.index("Cropped") < said.index("Edited: curves")
    assert "came with credentials" in said


def test_a_long_run_of_one_action_is_one_line_with_all_of_it_behind(chained: Analysis, site: Client) -> None:
    page = text(site, address(chained.photo))
    run = re.search(r'<details class="run"><summary>(.*?)</summary>(.*?)</details>', page, re.DOTALL)
    assert run
    assert run[1] == "Edited: curves, heal, move (6 steps)"
    assert run[2].count("<li>") == 6


def test_what_a_step_declares_is_never_folded_away() -> None:
    made = {
        "action": "c2pa.edited",
        "source_type": "trainedAlgorithmicMedia",
        "words": "Edited, declared as made by AI.",
    }
    plain = {"action": "c2pa.edited", "words": "Edited (move)."}
    runs = runs_of([plain, plain, plain, made, plain])
    assert [run.words for run in runs] == ["Edited: move (3 steps)", made["words"], "Edited (move)."]


def test_without_credentials_the_whole_way_is_one_gap_with_what_the_file_says_inside(
    examined: Analysis, site: Client
) -> None:
    add_outcome(
        examined, "metadata_marks", camera={"make": "Google", "model": "Pixel 10", "taken": "2026-01-02T10:00:00"}
    )
    page = text(site, address(examined.photo))
    assert kinds(page)[0] == "gap"
    assert kinds(page)[-2:] == ["received", "examined"]
    assert "signed" not in kinds(page)
    gap = page[page.index('data-kind="gap"') : page.index('data-kind="received"')]
    assert "Taken with Google Pixel 10" in gap
    assert "2 Jan 2026, 10:00" in gap
    assert "anyone can write this" in gap


def test_a_file_that_was_changed_after_signing_ends_in_a_gap(chained: Analysis, site: Client) -> None:
    rewrite(chained, state="mismatch", intact=False)
    page = text(site, address(chained.photo))
    line = kinds(page)
    assert line.index("gap") > max(at for at, kind in enumerate(line) if kind == "signed")
    assert "Something changed the file after the last signature" in page


def test_an_intact_file_has_no_gap_after_its_last_signature(chained: Analysis) -> None:
    last = history_of(chained.result).rows[-1]
    assert last.kind == "signed"


def test_whether_something_was_changed_afterwards_may_be_unknown(chained: Analysis) -> None:
    rewrite(chained, intact=None)
    last = history_of(chained.result).rows[-1]
    assert isinstance(last, Gap)
    assert "cannot be told" in last.words


def test_a_chapter_that_begins_in_the_dark_has_its_gap_before_it(chained: Analysis, site: Client) -> None:
    chapters = chained.result["credentials"]["chapters"]
    rewrite(chained, chapters=[{**chapters[0], "gap": "How the picture began is not recorded."}, *chapters[1:]])
    page = text(site, address(chained.photo))
    assert kinds(page)[:2] == ["gap", "signed"]
    assert "1 gap in which nothing is signed" in page


def test_the_history_of_an_element_stands_aside(chained: Analysis, site: Client) -> None:
    chapters = chained.result["credentials"]["chapters"]
    rewrite(chained, chapters=[{**chapters[0], "part": True}, *chapters[1:]])
    page = text(site, address(chained.photo))
    assert page.count(" data-part>") == 1
    assert "Belongs to an element or an input" in page


def test_contradictions_in_the_metadata_are_told_as_such(examined: Analysis, site: Client) -> None:
    add_outcome(
        examined,
        "metadata_marks",
        unsigned_steps=[{"when": None, "tool": "GIMP 3", "words": "Saved", "source": "xmp"}],
        contradictions=[{"kind": "dates", "words": "It was changed before it was taken, the file says."}],
    )
    said = words(text(site, address(examined.photo)))
    assert "Saved: GIMP 3" in said
    assert said.index("Saved: GIMP 3") < said.index("These statements do not fit each other")


# --- what the signatures say


def test_two_readers_stand_side_by_side_and_the_page_says_that_they_agree(chained: Analysis, site: Client) -> None:
    said = words(text(site, address(chained.photo)))
    assert "Two independent readers" in said
    assert "c2pa-rs Yes No" in said
    assert "Both say the same of the bytes and of the signer." in said


def test_readers_that_differ_are_said_to(chained: Analysis, site: Client) -> None:
    second = {**chained.result["credentials"]["second_reader"], "intact": False}
    rewrite(chained, second_reader=second)
    assert "The two readers differ on whether the bytes are as they were signed." in text(site, address(chained.photo))


def test_every_check_stands_in_words_and_as_its_code_failed_first(chained: Analysis, site: Client) -> None:
    page = text(site, address(chained.photo))
    rows = re.findall(r'<tr data-passed="(yes|no)">.*?<code>([\w.]+)</code>', page, re.DOTALL)
    assert rows == sorted(rows, key=lambda row: row[0] == "yes")
    assert ("no", "signingCredential.untrusted") in rows
    assert ("yes", "assertion.dataHash.match") in rows
    assert "leads to none on a trust list" in page


def test_list_assurance_and_timestamp_authority_stand_in_words(chained: Analysis, site: Client) -> None:
    stamp = {"authority": "A time company", "trusted": True, "at": "2026-01-02T10:00:00+00:00"}
    *earlier, last = history_chapters(chained)
    chapters = [*earlier, {**last, "signed_at": stamp["at"]}]
    rewrite(chained, signer_list="official", assurance=2, timestamp=stamp, chapters=chapters)
    said = words(text(site, address(chained.photo)))
    assert "On the official C2PA trust list" in said
    assert "Assurance level 2 of 2 (as the C2PA conformance programme rates" in said
    assert "A time company, which is on a list" in said


# --- small pictures


def test_a_small_picture_is_re_encoded_and_private(chained: Analysis, site: Client) -> None:
    page = text(site, address(chained.photo))
    small = re.findall(rf'src="(/analyses/{chained.pk}/thumbnails/\d+\.jpg)"', page)
    assert len(set(small)) == len(history_of(chained.result).uris) >= 3
    answer = site.get(small[0])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "private" in answer.headers["Cache-Control"]
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert max(shown.size) <= 320
    assert 'loading="lazy"' in page


def test_a_stranger_sees_neither_history_nor_small_pictures(
    chained: Analysis, charlie: User, signed_in: SignIn
) -> None:
    client = signed_in(charlie)
    for hidden in (address(chained.photo), reverse("history-thumbnail", args=[chained.pk, 0])):
        assert client.get(hidden).status_code == 404


def test_only_pictures_of_the_history_can_be_asked_for(chained: Analysis, site: Client) -> None:
    count = len(history_of(chained.result).uris)
    assert site.get(reverse("history-thumbnail", args=[chained.pk, count])).status_code == 404


def test_a_file_that_is_gone_costs_the_small_pictures_alone(chained: Analysis, site: Client) -> None:
    storages["originals"].delete(chained.photo.original_key)
    assert kinds(text(site, address(chained.photo)))[:3] == ["signed"] * 3
    answer = site.get(reverse("history-thumbnail", args=[chained.pk, 0]))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/static/img/no-preview.svg")


# --- states of the examination


def test_a_photo_that_waits_is_polled_and_says_so(photo: Photo, site: Client) -> None:
    page = text(site, address(photo))
    assert "Waiting to be examined" in page
    assert 'hx-trigger="every 2s"' in page
    assert kinds(page)[0] == "received"
    examine_now(photo)
    part = site.get(address(photo), headers={"HX-Request": "true", "HX-Target": "history"}).content.decode()
    assert part.lstrip().startswith('<div id="history"')
    assert "hx-trigger" not in part


def test_a_photo_that_was_never_examined_says_so(photo: Photo, site: Client) -> None:
    photo.analyses.all().delete()
    assert "has not been examined yet" in text(site, address(photo))


def test_a_failed_examination_says_why(photo: Photo, site: Client) -> None:
    claimed = stage.claim(photo.analyses.get().pk)
    assert claimed
    stage.fail(claimed, "The lamp went out.")
    page = words(text(site, address(photo)))
    assert "The last examination failed. The lamp went out." in page
    assert "An examination failed" in page


def test_credentials_that_could_not_be_read_are_not_called_missing(examined: Analysis, site: Client) -> None:
    for outcome in examined.result["outcomes"]:
        if outcome["detector"] == "content_credentials":
            outcome |= {"status": "failed", "note": "The lists are broken.", "details": {}}
    examined.save(update_fields=["result"])
    page = words(text(site, address(examined.photo)))
    assert "Signed steps were not read in this examination. The lists are broken." in page
    assert "most sites strip" not in page.lower()


def test_an_examination_from_before_chapters_shows_its_steps_and_says_what_is_missing(
    chained: Analysis, site: Client, bob: User
) -> None:
    for outcome in chained.result["outcomes"]:
        if outcome["detector"] == "content_credentials":
            for name in ("chapters", "checks", "second_reader", "assurance", "timestamp"):
                outcome["details"].pop(name)
    chained.save(update_fields=["result"])
    page = text(site, address(chained.photo))
    assert kinds(page).count("signed") == 1
    assert "before the signed steps were told apart" in page
    assert "before there was a second reader" in page
    assert "before the signed steps were told apart" in pages(report.applicant_pdf(chained.photo.applicant, by=bob))


def test_an_earlier_examination_keeps_its_history_and_points_to_the_newest(chained: Analysis, site: Client) -> None:
    intake.request_analysis(photo=chained.photo, by=chained.photo.uploaded_by)
    examine_now(chained.photo)
    assert "There is a newer examination." in text(site, f"{address(chained.photo)}?analysis={chained.pk}")
    assert "There is a newer examination." not in text(site, address(chained.photo))
    for other in ("999", "x", ""):
        assert site.get(f"{address(chained.photo)}?analysis={other}").status_code == 404


def test_the_evidence_and_an_examination_lead_to_the_history(chained: Analysis, site: Client) -> None:
    photo = chained.photo
    assert f'href="{address(photo)}"' in text(site, photo.applicant.get_absolute_url())
    assert f'href="{address(photo)}?analysis={chained.pk}"' in text(site, reverse("analysis", args=[chained.pk]))


HOSTILE: list[Any] = [
    None, [], "x", 7, [None, 3, "x", []], [{"steps": 3, "ingredients": "x", "doubts": {}, "thumbnail": 4}],
    [{"signer": 5, "generator": [], "signed_at": {}, "thumbnail": {"uri": ["a"]}}],
    [{"signer": "<script>alert(1)</script>", "steps": [{"words": "<script>alert(2)</script>"}]}],
]  # fmt: skip


@pytest.mark.parametrize("chapters", HOSTILE)
def test_chapters_of_any_shape_cost_neither_page_nor_report(
    chained: Analysis, site: Client, bob: User, chapters: Any
) -> None:
    rewrite(chained, chapters=chapters, checks=chapters, second_reader=chapters, codes=chapters, timestamp=chapters)
    add_outcome(chained, "metadata_marks", camera=chapters, unsigned_steps=chapters, contradictions=chapters)
    add_outcome(chained, "encoder_history", encoder=chapters, steps=chapters)
    add_outcome(chained, "generator_parameters", tool=chapters, settings=chapters, prompt=chapters)
    page = text(site, address(chained.photo))
    assert "<script>alert" not in page
    assert report.applicant_pdf(chained.photo.applicant, by=bob).startswith(b"%PDF-")


def test_a_very_long_history_is_folded_in_the_middle(chained: Analysis, site: Client, bob: User) -> None:
    steps = [{"action": f"c2pa.{n % 2}", "words": f"Step {n} {'ä' * 150}."} for n in range(60)]
    ingredients = [{"title": "T" * 200, "thumbnail": {"uri": f"u{n}"}} for n in range(50)]
    chapter = {"signer": "W" * 200, "known": True, "steps": steps, "ingredients": ingredients}
    rewrite(chained, chapters=[{**chapter, "signer": f"{n} {'شركة' * 40}"} for n in range(40)])
    page = text(site, address(chained.photo))
    assert kinds(page).count("signed") == 40
    assert "Show 30 more, in between" in page
    assert "52 more lines of this step" in page
    assert len(history_of(chained.result).uris) <= MOST_PICTURES
    assert "rows in between are left out here" in pages(report.applicant_pdf(chained.photo.applicant, by=bob))


# --- generator parameters


def test_parameters_are_readable_and_a_prompt_stays_folded_behind_its_warning(
    examined: Analysis, site: Client, bob: User
) -> None:
    add_outcome(
        examined,
        "generator_parameters",
        tool="A generator",
        model="model-xl",
        seed="42",
        sampler="Euler",
        prompt="younger, thinner",
        negative_prompt="wrinkles",
        settings={"Steps": "30"},
        warning="A prompt is personal data.",
    )
    page = text(site, address(examined.photo))
    for said in ("model-xl", "42", "Euler", "Steps"):
        assert said in page
    folded = re.search(
        r'<details class="fold not-printed"><summary>Show the prompt</summary>(.*?)</details>', page, re.S
    )
    assert folded
    assert "younger, thinner" in folded[1]
    assert "wrinkles" in folded[1]
    assert page.index("A prompt is personal data.") < page.index("younger, thinner")
    assert page.count("younger, thinner") == 1
    assert "younger, thinner" not in pages(report.applicant_pdf(examined.photo.applicant, by=bob))


# --- the picture, and the report


def test_the_picture_draws_each_signed_step_and_each_gap(chained: Analysis) -> None:
    rewrite(chained, intact=False)
    drawing = fromstring(history_svg(history_of(chained.result)))
    classes = [part.get("class") for part in drawing.iter() if part.get("class")]
    assert classes.count("stranger") == 3
    assert classes.count("hatch") == 1
    assert classes.count("received") == 1


def test_a_name_in_any_script_costs_neither_picture_nor_report(chained: Analysis, bob: User) -> None:
    chapters = history_chapters(chained)
    rewrite(chained, chapters=[{**one, "signer": "写真 <&> شركة \u0378"} for one in chapters])
    drawing = history_svg(history_of(chained.result))
    assert "Signer 1" in "".join(fromstring(drawing).itertext())
    assert report.applicant_pdf(chained.photo.applicant, by=bob).startswith(b"%PDF-")


def history_chapters(analysis: Analysis) -> list[dict[str, Any]]:
    chapters: list[dict[str, Any]] = analysis.result["credentials"]["chapters"]
    return chapters


def test_the_report_shows_picture_steps_readers_and_small_pictures(chained: Analysis, bob: User) -> None:
    pdf = report.applicant_pdf(chained.photo.applicant, by=bob)
    said = pages(pdf)
    for part in ("History of the file", "Signed by Atelier Lindqvist", "Edited: curves, heal, move (6 steps)",
                 "Two independent readers.", "Received by Candid"):  # fmt: skip
        assert part in said
    read = PdfReader(io.BytesIO(pdf))
    items: list[Any] = [read.get_object(number) for number in range(1, len(read.xref[0]))]
    told = [str(item["/Alt"]) for item in items if isinstance(item, dict) and item.get("/S") == "/Figure"]
    assert any("3 signed steps, the last by Atelier Lindqvist, without a gap." in alt for alt in told)
    assert sum("The picture as it was signed in step" in alt for alt in told) == 3


def test_the_report_of_a_file_that_is_gone_has_its_history_without_small_pictures(chained: Analysis, bob: User) -> None:
    storages["originals"].delete(chained.photo.original_key)
    assert "Signed by Atelier Lindqvist" in pages(report.applicant_pdf(chained.photo.applicant, by=bob))


def test_the_report_names_the_gap_of_a_file_without_credentials(examined: Analysis, bob: User) -> None:
    assert "Gap: nothing is signed here." in pages(report.applicant_pdf(examined.photo.applicant, by=bob))


def test_the_style_guide_shows_every_kind_of_row(site: Client) -> None:
    assert {"signed", "unsigned", "gap"} <= set(kinds(text(site, reverse("styleguide"))))


@pytest.mark.parametrize("examinations", [1, 30])
def test_the_page_takes_as_many_queries_for_30_examinations_as_for_one(
    examinations: int, applicant: Applicant, alice: User, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    facts: dict[str, Any] = {"size": 1, "format": "JPEG", "width": 300, "height": 400, "uploaded_by": alice}
    photo = Photo.objects.create(applicant=applicant, sha256="0" * 64, file_name="a.jpg", **facts)
    ended = {"state": "done", "verdict": "inconclusive", "finished_at": timezone.now(), "result": {"verdict": {}}}
    Analysis.objects.bulk_create(Analysis(photo=photo, requested_by=alice, **ended) for _ in range(examinations))
    client = signed_in(alice)
    # session, user, mentions; photo, analyses; result
    with django_assert_num_queries(6):
        response = client.get(address(photo))
    assert response.status_code == 200
    assert kinds(response.content.decode()).count("examined") == examinations
