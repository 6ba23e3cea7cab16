"""One applicant's page: progress, photo, evidence, and the decision."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import AddPhoto, astronaut, examine_now, picture, text, words
from vetting import analysis as stage
from vetting.models import Analysis, Applicant, Finding, Opening, Photo, User


def add_finding(analysis: Analysis, **changed: object) -> Finding:
    """A finding with a region, as finish() would have frozen it."""
    facts: dict[str, object] = {
        "number": analysis.findings.count() + 1,
        "wing": "signs",
        "detector": "skin",
        "detector_version": 1,
        "code": "skin.smooth",
        "bearing": "retouched",
        "strength": "moderate",
        "summary": "The left cheek is smoother than the eyes are sharp.",
        "caveat": "Soft light does this too.",
        "region": {"kind": "box", "points": [[40, 50], [120, 150]]},
    }
    return Finding.objects.create(analysis=analysis, **(facts | changed))


def test_while_the_photo_waits_the_page_says_for_how_long(photo: Photo, site: Client) -> None:
    page = text(site, photo.applicant.get_absolute_url())
    assert "Waiting for a free worker for" in page
    assert 'hx-target="#progress"' in page


def test_polling_ends_with_the_whole_case(photo: Photo, site: Client) -> None:
    address, htmx = photo.applicant.get_absolute_url(), {"HX-Request": "true", "HX-Target": "progress"}
    during = site.get(address, headers=htmx)
    assert "HX-Retarget" not in during.headers
    assert "Waiting for a free worker" in during.content.decode()
    examine_now(photo)
    after = site.get(address, headers=htmx)
    assert after.headers["HX-Retarget"] == "#case"
    assert 'class="headline"' in after.content.decode()
    assert "every 1s" not in after.content.decode()


def test_the_first_result_is_shown_while_further_photos_are_in_work(
    photo: Photo, add_photo: AddPhoto, site: Client
) -> None:
    add_photo(picture(5), name="second.jpg")
    polled = re.search(r'hx-get="([^"]+)"', text(site, photo.applicant.get_absolute_url()))
    assert polled
    address, htmx = polled[1].replace("&amp;", "&"), {"HX-Request": "true", "HX-Target": "progress"}
    assert "HX-Retarget" not in site.get(address, headers=htmx).headers
    examine_now(photo)
    answer = site.get(address, headers=htmx)
    assert answer.headers["HX-Retarget"] == "#case"
    assert 'class="headline"' in answer.content.decode()
    assert "every 1s" in answer.content.decode()


def test_a_failed_examination_says_so_and_can_be_retried(photo: Photo, site: Client) -> None:
    claimed = stage.claim(photo.analyses.get().pk)
    assert claimed
    stage.fail(claimed, "The stored original could not be read.")
    page = text(site, photo.applicant.get_absolute_url())
    assert "The examination failed." in page
    assert "The stored original could not be read." in page
    site.post(reverse("photo-examine", args=[photo.pk]))
    assert [analysis.state for analysis in photo.analyses.all()] == ["failed", "queued"]


def test_examining_again_while_one_is_in_work_queues_no_second(photo: Photo, site: Client) -> None:
    site.post(reverse("photo-examine", args=[photo.pk]))
    assert photo.analyses.count() == 1


def test_the_evidence_stands_in_four_groups_in_this_order(examined: Analysis, site: Client) -> None:
    page = text(site, examined.photo.applicant.get_absolute_url())
    groups = re.findall(r'<h2 id="group-\w+">([^<]+)<', page)
    assert groups == ["What the file says", "What can be seen", "What statistics say", "Elsewhere"]


def test_every_outcome_without_a_finding_is_one_line_with_its_own_mark(examined: Analysis, site: Client) -> None:
    quiet = {"clear": "Nothing seen", "not-applicable": "Does not apply", "failed": "Could not look"}
    expected = [o["status"] for o in examined.result["outcomes"] if o["status"] != "found"]
    expected += ["not-applicable" for o in examined.result["outcomes"] for _ in o["details"].get("not_judged", ())]
    assert expected
    page = text(site, examined.photo.applicant.get_absolute_url())
    for status, word in quiet.items():
        lines = re.findall(rf'<li class="line" data-status="{status}">.*?</li>', page)
        elsewhere = 1 if status == "clear" else 0
        assert len(lines) == expected.count(status) + elsewhere
        assert all(word in line and f"#shape-{status}" in line for line in lines)


def test_a_part_that_a_check_could_not_judge_is_a_line_of_its_own(examined: Analysis, site: Client) -> None:
    outcome = next(one for one in examined.result["outcomes"] if one["detector"] == "eyes")
    outcome |= {"status": "clear", "note": "Both eyes agree."}
    outcome["details"] = {"not_judged": {"pupils": "Too dark to tell."}}
    examined.save(update_fields=["result"])
    page = text(site, examined.photo.applicant.get_absolute_url())
    apart = re.search(r'data-status="not-applicable"[^§]*?<strong>Eyes: pupils</strong>.*?Too dark to tell', page, re.S)
    assert apart
    assert "Both eyes agree." in page


@pytest.mark.parametrize("broken", [None, [], "x", {"not_judged": None}, {"not_judged": ["x"]}])
def test_details_of_another_shape_cost_no_page(examined: Analysis, site: Client, broken: Any) -> None:
    for outcome in examined.result["outcomes"]:
        if outcome["detector"] == "eyes":
            outcome["details"] = broken
    examined.save(update_fields=["result"])
    assert "What can be seen" in text(site, examined.photo.applicant.get_absolute_url())


def test_a_finding_is_a_card_with_its_region_its_crop_and_its_caveat(examined: Analysis, site: Client) -> None:
    add_finding(examined)
    page = text(site, examined.photo.applicant.get_absolute_url())
    card = re.search(r'<article class="card".*?</article>', page, re.DOTALL)
    assert card
    assert "The left cheek is smoother than the eyes are sharp." in card[0]
    assert "What this cannot mean" in card[0]
    assert "moderate" in card[0]
    assert 'class="crop"' in card[0]
    photo = examined.photo
    assert f'viewBox="0 0 {photo.width} {photo.height}"' in page
    assert '<rect class="line" x="40.0" y="50.0" width="80.0" height="100.0"/>' in page


@pytest.mark.parametrize(
    ("region", "drawn"),
    [
        ({"kind": "polygon", "points": [[1, 2], [30, 4], [20, 60]]}, '<polygon class="line" points="1,2 30,4 20,60"/>'),
        ({"kind": "ellipse", "points": [[50, 60], [90, 60], [50, 80]]}, 'cx="50.0" cy="60.0" rx="40.0" ry="20.0"'),
    ],
)
def test_regions_of_every_kind_are_drawn(
    examined: Analysis, site: Client, region: dict[str, object], drawn: str
) -> None:
    add_finding(examined, region=region)
    assert drawn in text(site, examined.photo.applicant.get_absolute_url())


EARS = {
    "panels": [
        {"label": "left ear", "box": [40, 100, 80, 160], "mirrored": False},
        {"label": "right ear", "box": [220, 100, 260, 160], "mirrored": True},
    ],
    "seen": [],
    "expected": [],
}
BENT = {"panels": [], "seen": [[60, 0], [60, 90], [66, 100], [60, 200]], "expected": [[60, 0], [60, 200]]}


def card_of(page: str) -> str:
    (card,) = re.findall(r'<article class="card".*?</article>', page, re.DOTALL)
    return str(card)


def test_places_to_compare_stand_side_by_side_at_one_size_and_one_is_mirrored(examined: Analysis, site: Client) -> None:
    add_finding(examined, figure=EARS)
    card = card_of(text(site, examined.photo.applicant.get_absolute_url()))
    windows = [window.split() for window in re.findall(r'<svg class="piece" viewBox="([^"]+)"', card)]
    assert len(windows) == 2
    assert windows[0][2:] == windows[1][2:]
    assert re.findall(r"<image [^>]*?(scale[^\"]*)?\"/>", card) == ["", "scale(-1 1)"]
    assert "Magnified crop for no. 1: Left ear" in card
    assert "<figcaption>Right ear (mirrored)</figcaption>" in card


def test_a_bent_line_is_drawn_on_the_photo_and_in_its_crop_with_a_legend_in_words(
    examined: Analysis, site: Client
) -> None:
    add_finding(examined, figure=BENT)
    page = text(site, examined.photo.applicant.get_absolute_url())
    solid, dashed = 'class="seen" points="60,0 60,90 66,100 60,200"', 'class="expected" points="60,0 60,200"'
    stage = re.search(r'<g class="region" data-finding="1".*?<g class="tab">', page, re.DOTALL)
    assert stage
    card = card_of(page)
    for place in (stage[0], card):
        assert place.count(solid) == place.count(dashed) == 1
        assert place.count('<polyline class="under"') == 2
    assert "Solid: the line as it runs" in words(card)
    assert "Dashed: if nothing had bent it" in words(card)


def test_a_finding_without_a_figure_has_the_crop_of_its_region(examined: Analysis, site: Client) -> None:
    assert add_finding(examined).figure is None
    card = card_of(text(site, examined.photo.applicant.get_absolute_url()))
    assert card.count('<svg class="piece"') == 1
    assert "figcaption" not in card


HOSTILE: list[Any] = [
    {}, [], "</svg><script>", 7, {"panels": [EARS["panels"][0]]}, {"panels": [{}, {}]}, {"panels": {"label": "x"}},
    {"panels": [{"label": "x", "box": ["NaN", 0, 1, 1]}] * 2},
    {"panels": [{"label": "x", "box": [0, 0, 1e308, 1]}] * 2},
    {"panels": [{"label": "x", "box": [9000, 9000, 9100, 9100]}] * 2},
    {"seen": [[1, 2]]}, {"seen": [["inf", 1], [2, 2]]}, {"seen": [None, None], "expected": 3},
]  # fmt: skip


@pytest.mark.parametrize("figure", HOSTILE)
def test_a_broken_figure_costs_nothing_but_itself(examined: Analysis, site: Client, figure: Any) -> None:
    add_finding(examined, figure=figure)
    page = text(site, examined.photo.applicant.get_absolute_url())
    assert card_of(page).count('<svg class="piece"') == 1
    assert "<script>" not in page
    assert "nan" not in re.findall(r'(?:points|viewBox)="([^"]*)"', page.lower())


@pytest.mark.parametrize(
    "region",
    [
        [],
        "box",
        {"points": 3},
        {"kind": "ellipse", "points": [[1, 2]]},
        {"kind": "box", "points": [["NaN", 1], [2, 2]]},
    ],
)
def test_a_broken_region_is_left_out(examined: Analysis, site: Client, region: Any) -> None:
    add_finding(examined, region=region)
    assert 'class="piece"' not in text(site, examined.photo.applicant.get_absolute_url())


def test_a_label_stays_text(examined: Analysis, site: Client) -> None:
    panels = [{"label": '"><script>alert(1)</script>', "box": [10 + n, 10, 60 + n, 60]} for n in (0, 100)]
    add_finding(examined, figure={"panels": panels})
    assert "<script>alert" not in text(site, examined.photo.applicant.get_absolute_url())


def test_the_style_guide_shows_both_kinds_of_figure(site: Client) -> None:
    page = text(site, reverse("styleguide"))
    assert "Ear on the right (mirrored)" in page
    assert 'class="expected"' in page
    assert "/static/img/sample.svg" in page


def test_a_finding_about_the_whole_file_says_so(examined: Analysis, site: Client) -> None:
    add_finding(examined, region=None, wing="provenance")
    page = text(site, examined.photo.applicant.get_absolute_url())
    assert "concerns the whole file" in page
    assert 'class="crop"' not in page


def test_a_score_is_never_shown_bare(examined: Analysis, site: Client) -> None:
    Analysis.objects.filter(pk=examined.pk).update(score=0.8731)
    page = words(text(site, examined.photo.applicant.get_absolute_url()))
    assert not re.search(r"0\.87|87([.,]\d+)? ?%", page)


def test_nothing_found_is_never_worded_as_authentic(add_photo: AddPhoto, site: Client) -> None:
    photo = add_photo(astronaut())
    analysis = examine_now(photo)
    page = words(text(site, photo.applicant.get_absolute_url())).lower()
    assert analysis.summary.lower() in page
    assert "authentic" not in page
    assert "fake" not in page


LAMPS = {
    "trusted": ["Yes. The bytes are the ones", "on the official C2PA trust list", "Taken by a camera."],
    "mismatch": ["No. The file does not match", "on no trust list in force", "Nothing about how the picture"],
    "remote": ["Not known", "Not known", "Not known"],
}


@pytest.mark.parametrize("state", LAMPS)
def test_content_credentials_are_three_lamps(state: str, examined: Analysis, site: Client) -> None:
    told = {
        "trusted": {"signer": "Leica", "signer_list": "official", "intact": True, "captured": True},
        "mismatch": {"signer": "Someone", "intact": False},
        "remote": {},
    }[state]
    result = examined.result
    result["outcomes"] = [o for o in result["outcomes"] if o["detector"] != "content_credentials"]
    result["credentials"] = {"state": state, **told}
    Analysis.objects.filter(pk=examined.pk).update(result=result)
    page = text(site, examined.photo.applicant.get_absolute_url())
    lamps = re.findall(r'<div data-light="[^"]+">.*?<dd>(.*?)</dd>', page)
    assert len(lamps) == 3
    assert all(said in lamp for said, lamp in zip(LAMPS[state], lamps, strict=True))


def test_without_credentials_there_are_no_lamps(examined: Analysis, site: Client) -> None:
    assert "data-light" not in text(site, examined.photo.applicant.get_absolute_url())


def test_file_facts_name_hash_size_and_pixels(examined: Analysis, site: Client) -> None:
    photo = examined.photo
    page = words(text(site, photo.applicant.get_absolute_url()))
    assert photo.sha256 in page.replace(" ", "")
    assert f"{photo.width} × {photo.height}" in page


def test_the_same_file_under_another_name_is_shown(
    examined: Analysis, opening: Opening, alice: User, add_photo: AddPhoto, site: Client
) -> None:
    other = Applicant.objects.create(opening=opening, name="Somebody Else", created_by=alice)
    add_photo(examined.photo.read_original(), to=other)
    page = text(site, examined.photo.applicant.get_absolute_url())
    assert f'<a href="{other.get_absolute_url()}?photo={other.photos.get().pk}">Somebody Else</a>' in page


def test_each_photo_has_its_address_and_none_of_anybody_elses(
    examined: Analysis, add_photo: AddPhoto, opening: Opening, alice: User, site: Client
) -> None:
    second = add_photo(picture(7), name="second.jpg")
    address = examined.photo.applicant.get_absolute_url()
    assert f'href="{address}?photo={second.pk}"' in text(site, address)
    assert "second.jpg · " in text(site, f"{address}?photo={second.pk}")
    foreign = add_photo(picture(8), to=Applicant.objects.create(opening=opening, name="Else", created_by=alice))
    for asked in (foreign.pk, 999, "x"):
        assert site.get(f"{address}?photo={asked}").status_code == 404


def test_a_row_opens_as_a_smaller_answer_of_the_same_address(examined: Analysis, site: Client) -> None:
    address = examined.photo.applicant.get_absolute_url()
    part = site.get(address, headers={"HX-Request": "true", "HX-Target": "slide"})
    assert part.content.decode().lstrip().startswith('<div id="slide">')
    assert "HX-Request" in part.headers["Vary"]


def test_an_earlier_examination_stays_as_it_was(examined: Analysis, site: Client) -> None:
    site.post(reverse("photo-examine", args=[examined.photo_id]))
    examine_now(examined.photo)
    assert "There is a newer examination" in text(site, reverse("analysis", args=[examined.pk]))


def test_numbers_of_regions_at_the_same_place_stand_beside_each_other(examined: Analysis, site: Client) -> None:
    examined.findings.all().delete()
    for _ in range(3):
        add_finding(examined)
    page = text(site, examined.photo.applicant.get_absolute_url())
    stage_only = page[page.index('class="photo"') : page.index("</figure>")]
    places = re.findall(r'<g class="tab"><svg x="([\d.]+)" y="([\d.]+)"', stage_only)
    assert len(places) == len(set(places)) == 3
