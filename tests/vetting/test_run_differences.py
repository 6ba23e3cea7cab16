"""What changed between two examinations of a photo, in sentences; and what cannot be compared."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.conftest import AddPhoto, SignIn, examine_now, picture, text, words
from vetting import intake
from vetting.models import Analysis, Applicant, Finding, Opening, Photo, User
from vetting.report.differences import differences

VERSIONS: dict[str, Any] = {
    "policy": 3,
    "detectors": {"skin": 1, "symmetry": 1},
    "trust_lists": {"list.pem": "2026-01-01"},
}


def run(
    photo: Photo,
    verdict: str,
    *findings: tuple[str, str, str, Any],
    score: float | None = 0.2,
    strength: str = "moderate",
    reasons: tuple[str, ...] = (),
    statuses: dict[str, str] | None = None,
    **versions: Any,
) -> Analysis:
    """A finished examination. findings: detector, strength, what it says, and a box or None."""
    outcomes = [
        {"detector": name, "status": status, "observations": [], "title": name.capitalize()}
        for name, status in ({"skin": "clear", "symmetry": "clear"} | (statuses or {})).items()
    ]
    analysis = Analysis.objects.create(
        photo=photo,
        state="done",
        verdict=verdict,
        score=score,
        strength=strength,
        finished_at=timezone.now(),
        versions=copy.deepcopy(VERSIONS) | versions,
        result={"verdict": {"reasons": list(reasons)}, "outcomes": outcomes},
    )
    for number, (detector, how, summary, box) in enumerate(findings, start=1):
        Finding.objects.create(
            analysis=analysis, number=number, wing="signs", detector=detector, detector_version=1,
            code=f"{detector}.seen", bearing="generated", strength=how, summary=summary,
            region={"kind": "box", "points": box} if box else None,
        )  # fmt: skip
    return analysis


def sentences(earlier: Analysis, later: Analysis) -> str:
    return " ".join(differences(earlier, later).sentences)


def changes(earlier: Analysis, later: Analysis) -> list[str]:
    return [one.change for one in differences(earlier, later).findings]


def test_a_changed_verdict_names_the_new_finding_behind_it(photo: Photo) -> None:
    before = run(photo, "nothing-found")
    after = run(photo, "generated", ("symmetry", "strong", "The ears differ.", None), reasons=("symmetry.seen",))
    changed = "The verdict changed from “Nothing found” to “Generated”, because "
    assert f"{changed}Symmetry now says: “The ears differ” (strong)." in sentences(before, after)


def test_a_finding_that_became_stronger_is_a_reason_too(photo: Photo) -> None:
    before = run(photo, "inconclusive", ("skin", "weak", "Smooth.", None))
    after = run(photo, "generated", ("skin", "strong", "Smooth.", None), reasons=("skin.seen",))
    assert "because Skin now calls this strong instead of weak: “Smooth”." in sentences(before, after)
    assert changes(before, after) == ["stronger"]
    assert changes(after, before) == ["weaker"]


def test_a_verdict_that_lost_its_finding_says_so(photo: Photo) -> None:
    before = run(photo, "generated", ("skin", "strong", "Smooth.", None), reasons=("skin.seen",))
    after = run(photo, "nothing-found")
    assert "because Skin no longer says: “Smooth”." in sentences(before, after)
    assert changes(before, after) == ["gone"]


def test_another_policy_over_the_same_findings_is_named(photo: Photo) -> None:
    seen = ("skin", "moderate", "Smooth.", None)
    before, after = run(photo, "retouched", seen), run(photo, "inconclusive", seen, policy=4)
    said = sentences(before, after)
    assert "The findings behind it are the same; policy 4 weighs them otherwise." in said
    assert "They ran with other versions of: policy." in said


def test_nothing_changed_is_said(photo: Photo) -> None:
    seen = ("skin", "moderate", "Smooth.", None)
    before, after = run(photo, "retouched", seen), run(photo, "retouched", seen)
    said = sentences(before, after)
    assert said == (
        "The verdict is the same: Retouched. The score is the same (0.20). Both ran with the same versions. "
        "Nothing that was found has changed."
    )
    assert differences(before, after).unchanged == 1


def test_findings_of_one_code_are_paired_by_place(photo: Photo) -> None:
    left, right = [[0, 0], [50, 50]], [[200, 200], [260, 260]]
    before = run(photo, "retouched", ("skin", "weak", "Left.", left), ("skin", "weak", "Right.", right))
    moved = [[198, 201], [259, 262]]
    after = run(
        photo, "retouched", ("skin", "strong", "Right.", moved), ("skin", "weak", "Elsewhere.", [[90, 90], [95, 95]])
    )
    found = {
        (one.before.summary, one.after.summary)
        for one in differences(before, after).findings
        if one.before and one.after
    }
    assert ("Right.", "Right.") in found
    assert sorted(changes(before, after)) == ["reworded", "stronger"]


@pytest.mark.parametrize(("was", "now", "said"), [
    (0.1, 0.9, "The score moved from 0.10 to 0.90 (0 for a camera, 1 for a generator; it is not an error rate)."),
    (None, 0.9, "Only one of the two has a score"), (None, None, "The verdict is the same: Retouched."),
])  # fmt: skip
def test_scores_are_compared_where_there_are_two(photo: Photo, was: float | None, now: float | None, said: str) -> None:
    assert said in sentences(run(photo, "retouched", score=was), run(photo, "retouched", score=now))


def test_checks_and_versions_that_differ_are_listed_and_no_others(photo: Photo) -> None:
    before = run(photo, "nothing-found", statuses={"skin": "failed"})
    after = run(
        photo, "nothing-found", statuses={"hair": "clear"}, detectors={"skin": 2, "hair": 1}, trust_lists={},
        packs=[{"title": "Blue", "version": 1, "sha256": "ab" * 32}],
    )  # fmt: skip
    found = differences(before, after)
    assert {(c.name, c.before, c.after) for c in found.checks} == {
        ("Skin", "Could not look", "Looked and saw nothing"), ("Hair", "Was not there", "Looked and saw nothing"),
    }  # fmt: skip
    assert {(c.name, c.before, c.after) for c in found.versions} == {
        ("check hair", "", "1"), ("check skin", "1", "2"), ("check symmetry", "1", ""),
        ("trust list list.pem", "2026-01-01", ""), ("model pack Blue", "", "1, SHA-256 abababababab"),
    }  # fmt: skip


BROKEN: list[dict[str, Any]] = [
    {},
    {"outcomes": 3},
    {"outcomes": [3, {}]},
    {"verdict": []},
    {"verdict": {"reasons": 1}},
]


@pytest.mark.parametrize("result", BROKEN)
def test_an_examination_of_another_time_does_not_break_the_page(photo: Photo, site: Client, result: Any) -> None:
    before, after = run(photo, "retouched", ("skin", "odd", "Smooth.", [["x"]])), run(photo, "generated")
    Analysis.objects.filter(pk=after.pk).update(result=result, versions={"packs": "?", "detectors": []})
    assert "The verdict changed" in text(site, reverse("compare", args=[after.pk]) + f"?with={before.pk}")


# --- the page


def test_the_older_stands_first_whichever_is_asked_for(photo: Photo, site: Client) -> None:
    before, after = run(photo, "retouched"), run(photo, "generated")
    for one, other in ((before, after), (after, before)):
        page = words(text(site, reverse("compare", args=[one.pk]) + f"?with={other.pk}"))
        assert "changed from “Retouched” to “Generated”" in page
        assert page.index(f"Before: no. {before.pk}") < page.index(f"After: no. {after.pk}")


def test_without_a_second_the_finished_one_before_is_taken(photo: Photo, site: Client) -> None:
    run(photo, "retouched")
    before, after = run(photo, "inconclusive"), run(photo, "generated")
    page = words(text(site, reverse("compare", args=[after.pk])))
    assert f"Before: no. {before.pk}" in page


def test_what_cannot_be_compared_gets_a_sentence(
    photo: Photo, applicant: Applicant, add_photo: AddPhoto, site: Client
) -> None:
    waiting, done = photo.analyses.get(), run(photo, "retouched")
    elsewhere = run(add_photo(picture(7)), "retouched")
    for one, other, said in (
        (done, done, "Both are the same examination."),
        (done, elsewhere, "examinations of two different photos"),
        (done, waiting, "did not come to an end with a result"),
    ):
        response = site.get(reverse("compare", args=[one.pk]) + f"?with={other.pk}")
        assert response.status_code == 400
        assert said in response.content.decode()
    response = site.get(reverse("compare", args=[elsewhere.pk]))
    assert "There is no finished examination before this one." in response.content.decode()


def test_a_strangers_examination_is_not_there(
    photo: Photo, opening: Opening, charlie: User, signed_in: SignIn, add_photo: AddPhoto, site: Client
) -> None:
    mine = run(photo, "retouched")
    abroad = Opening.objects.create(team=charlie.memberships.get().team, title="Desk", created_by=charlie)
    theirs = run(add_photo(to=intake.add_applicant(opening=abroad, name="Sam", by=charlie)), "generated")
    assert site.get(reverse("compare", args=[theirs.pk])).status_code == 404
    assert site.get(reverse("compare", args=[mine.pk]) + f"?with={theirs.pk}").status_code == 404
    assert signed_in(charlie).get(reverse("compare", args=[mine.pk])).status_code == 404


def test_a_second_examination_is_linked_from_the_applicant_and_from_the_first(
    examined: Analysis, bob: User, site: Client
) -> None:
    page = text(site, examined.photo.applicant.get_absolute_url())
    assert "/compare/" not in page
    intake.request_analysis(photo=examined.photo, by=bob)
    again = examine_now(examined.photo)
    assert reverse("compare", args=[again.pk]) in text(site, examined.photo.applicant.get_absolute_url())
    assert f"{reverse('compare', args=[examined.pk])}?with={again.pk}" in text(
        site, reverse("analysis", args=[examined.pk])
    )
    assert "The verdict is the same" in words(text(site, reverse("compare", args=[again.pk])))


@pytest.mark.parametrize("findings", [1, 40])
def test_the_page_takes_as_many_queries_for_40_findings_as_for_one(
    findings: int, photo: Photo, site: Client, django_assert_num_queries: Any
) -> None:
    seen = [("skin", "weak", f"Seen {n}.", [[n, n], [n + 5, n + 5]]) for n in range(findings)]
    run(photo, "retouched", *seen)
    after = run(photo, "generated", *seen)
    # session, user, mentions; this one, the one before, findings of both, all of the photo
    with django_assert_num_queries(8):
        assert site.get(reverse("compare", args=[after.pk])).status_code == 200
