"""How a verdict came to be: delivery twins, heat, the voices behind the score, the error rate, the policy."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from django.urls import reverse

from tests.conftest import AddPhoto, astronaut, examine_now, text, words
from tests.vetting.test_applicant_page import add_finding, card_of
from tests.vetting.test_report import exported, pages, pictures_of, rows
from vetting import report
from vetting.models import Analysis, Applicant, Opening, User
from vetting.report.deliveries import deliveries_of
from vetting.report.measured import percent, score_words
from vetting.report.weighing import bound_of, ratio_words, weighing_of
from vetting.web.evidence import BEFORE_CHECKS, NONE_INSTALLED

HEAT = {
    "corners": [[60, 60], [260, 60], [260, 320], [60, 320]],
    "values": [[0, 0.2, 0.1, 0], [0.1, 1, 0.6, 0], [0, 0.3, 0.2, 0]],
}
BOUND = {"share": 0.0085, "alarms": 3, "photos": 1062, "sources": 30, "confidence": 0.95}
AT_MOST = "at most 0.85 % of real photos are called generated"
TWINS: list[dict[str, Any]] = [
    {"name": "as it came", "score": 0.91},
    {"name": "JPEG 80", "score": 0.83},
    {"name": "three quarters of the size, WebP 75", "score": 0.93},
    {"name": "half the size, JPEG 85", "score": None},
]
DETAILS = {"twins": TWINS, "spread": 0.04, "stable": True, "limit": 0.97, "doubt": 0.7}
VERDICT = {
    "score": 0.83,
    "policy": {"version": 3, "retouching": "strict"},
    "bound": BOUND,
    "evidence": [
        {"detector": "network", "title": "Learned fingerprint", "speaks_for": "generated", "log10_ratio": 0.92,
         "words": "moderate", "shared": 0.83},
        {"detector": "eyes", "title": "Eyes", "speaks_for": "camera", "log10_ratio": -0.5, "words": "weak",
         "shared": 1},
    ],
    "would_change": ["A copy that was not resized.", "The camera original."],
}  # fmt: skip


def judged(
    analysis: Analysis, *, code: str = "", details: Any = DETAILS, status: str = "clear", **changed: Any
) -> Analysis:
    """As a policy of today would have left it: with twins, voices, bound and policy."""
    result = analysis.result
    result["verdict"] |= copy.deepcopy(VERDICT) | changed
    others = [outcome for outcome in result["outcomes"] if outcome["detector"] != "network"]
    network = {"detector": "network", "version": 1, "status": status, "score": 0.91, "observations": [], "note": "."}
    result["outcomes"] = [*others, network | {"details": details}]
    if code:
        result["verdict"]["code"] = analysis.verdict = code
    analysis.save(update_fields=["result", "verdict"])
    return analysis


def page_of(analysis: Analysis, site: Client) -> str:
    return text(site, analysis.photo.applicant.get_absolute_url())


def headline(page: str) -> str:
    found = re.search(r'<section class="headline".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def statistics(page: str) -> str:
    found = re.search(r'<section class="group" aria-labelledby="group-fingerprint">.*?</section>', page, re.DOTALL)
    assert found
    return found[0]


# --- delivery twins


@pytest.mark.parametrize("status", ["clear", "found"])
def test_the_twins_stand_among_the_statistics_whether_or_not_something_was_found(
    examined: Analysis, site: Client, status: str
) -> None:
    judged(examined, status=status)
    shown = statistics(page_of(examined, site))
    assert (
        "Saved again in 3 harmless ways, the photo was judged between 0.83 and 0.93: the judgement is steady." in shown
    )
    assert shown.count('class="twin" x1=') == 2
    assert shown.count('<svg class="original"') == 1
    assert "“generated” from 0.97 on" in shown
    assert "inconclusive from 0.70 on" in shown


def test_every_chart_has_its_table_and_a_twin_that_could_not_be_judged_is_named(
    examined: Analysis, site: Client
) -> None:
    page = page_of(judged(examined), site)
    for part in (headline(page), statistics(page)):
        assert part.count("The same as a table") == part.count("<table") == 1
    (table,) = re.findall(r"<table.*?</table>", statistics(page), re.DOTALL)
    for twin in TWINS:
        assert twin["name"] in table
    assert "could not be judged" in table


def test_a_judgement_that_changes_is_said_to_count_as_inconclusive(examined: Analysis, site: Client) -> None:
    shown = statistics(page_of(judged(examined, details=DETAILS | {"stable": False}), site))
    assert "the judgement changes, so it counts as inconclusive." in shown


def test_beside_the_scores_stands_the_error_rate_or_where_to_find_it(examined: Analysis, site: Client) -> None:
    assert AT_MOST in statistics(page_of(judged(examined), site))
    without = statistics(page_of(judged(examined, bound=None), site))
    assert "A score is not an error rate" in without
    assert reverse("accuracy") in without


def test_where_no_limit_is_known_none_is_drawn(examined: Analysis, site: Client) -> None:
    shown = statistics(page_of(judged(examined, details=DETAILS | {"limit": None, "doubt": None}), site))
    assert 'class="limit"' not in shown
    assert 'class="doubt"' not in shown
    assert 'class="axis"' in shown


def test_no_score_is_shown_as_a_certainty() -> None:
    assert [score_words(s) for s in (0, 0.004, 0.5, 0.996, 1)] == [
        "under 0.001", "0.004", "0.50", "0.996", "over 0.999",
    ]  # fmt: skip


def test_an_error_rate_is_never_rounded_down() -> None:
    assert [percent(share) for share in (0.0085, 0.00851, 0.0301, 0.12)] == ["0.85 %", "0.86 %", "3.1 %", "12 %"]


# --- how the evidence adds up


@pytest.mark.parametrize(
    ("log10_ratio", "said"),
    [
        (0.92, "About 8 times as common among generated pictures as among real ones."),
        (-1.5, "About 30 times as common among real pictures as among generated ones."),
        (0.2, "About 1.6 times as common among generated pictures as among real ones."),
        (0.299, "About 2 times as common among generated pictures as among real ones."),
        (5, "More than 1,000 times as common among generated pictures as among real ones."),
        (-0.02, "About as common among generated pictures as among real ones."),
    ],
)
def test_a_ratio_is_said_in_words(log10_ratio: float, said: str) -> None:
    assert ratio_words(log10_ratio) == said


def test_the_voices_are_bars_on_their_side_and_words_below_the_verdict(examined: Analysis, site: Client) -> None:
    shown = headline(page_of(judged(examined), site))
    assert "How the evidence adds up" in shown
    bars = re.findall(r'class="said" x="([\d.]+)%" width="([\d.]+)%"', shown)
    assert [float(left) < 50 for left, _ in bars] == [False, True]
    counts = re.findall(r'class="counts" x="[\d.]+%" width="([\d.]+)%"', shown)
    assert float(counts[0]) == pytest.approx(0.83 * float(bars[0][1]), abs=0.1)
    assert "About 8 times as common among generated pictures as among real ones." in shown
    assert "Of photos scored like this, about 8 in ten of a balanced set are generated." in words(shown)


@pytest.mark.parametrize(
    ("score", "said"),
    [(0.97, "more than 19 in 20"), (0.02, "fewer than 1 in 20"), (0.11, "about 1 in ten"), (0.5, "5")],
)
def test_the_score_is_said_as_a_frequency(score: float, said: str) -> None:
    weighing = weighing_of({"verdict": VERDICT | {"score": score}})
    assert weighing
    assert said in weighing.score_words


@pytest.mark.parametrize("code", ["declared-generated", "verified-capture"])
def test_what_a_declaration_is_worth_is_not_called_a_measured_frequency(code: str) -> None:
    weighing = weighing_of({"verdict": VERDICT | {"code": code}})
    assert weighing
    assert weighing.score_words == ""


def test_a_generated_verdict_shows_its_error_rate_in_plain_view(examined: Analysis, site: Client) -> None:
    plain = r'<p class="bound">In held-out tests, [^<]*</p>'
    found = re.search(plain, page_of(judged(examined, code="generated"), site))
    assert found
    assert AT_MOST in found[0]
    assert "95 % confidence; 3 of 1,062 photos from 30 sources were" in found[0]
    assert not re.search(plain, page_of(judged(examined, code="inconclusive"), site))


def test_what_would_change_the_verdict_and_its_policy_are_named(examined: Analysis, site: Client) -> None:
    shown = headline(page_of(judged(examined), site))
    assert "<li>A copy that was not resized.</li><li>The camera original.</li>" in shown
    assert "Judged under policy 3: retouching is not tolerated." in shown
    assert "The opening says otherwise" not in shown
    Opening.objects.update(retouching="lenient")
    assert "The opening says otherwise by now" in headline(page_of(examined, site))


def test_an_earlier_examination_shows_how_its_own_verdict_came_to_be(examined: Analysis, site: Client) -> None:
    shown = text(site, reverse("analysis", args=[judged(examined).pk]))
    assert "How the evidence adds up" in shown
    assert "Delivery twins" in shown


def test_a_result_of_an_earlier_policy_shows_none_of_this(examined: Analysis, site: Client, bob: User) -> None:
    result = examined.result
    result["verdict"] = {key: result["verdict"][key] for key in ("code", "score", "strength", "summary", "reasons")}
    result["outcomes"] = [outcome for outcome in result["outcomes"] if outcome["detector"] != "network"]
    examined.save(update_fields=["result"])
    assert weighing_of(result) is None
    assert deliveries_of(result) is None
    page = page_of(examined, site)
    for words_of_it in ("How the evidence", "Delivery twins", "Judged under", "held-out"):
        assert words_of_it not in page
    assert "Delivery twins" not in pages(report.applicant_pdf(examined.photo.applicant, by=bob))


def test_without_any_statistical_outcome_the_page_says_why(examined: Analysis, site: Client) -> None:
    from detector.registry import detectors_by_wing

    installed = {detector.name for detector in detectors_by_wing()["fingerprint"]}
    examined.result["outcomes"] = [o for o in examined.result["outcomes"] if o["detector"] not in installed]
    examined.save(update_fields=["result"])
    shown = statistics(page_of(examined, site))
    assert (BEFORE_CHECKS if installed else NONE_INSTALLED) in shown
    assert BEFORE_CHECKS not in statistics(page_of(judged(examined), site))


# --- heat


def test_heat_lies_on_the_photo_with_its_region_and_in_one_of_two_crops(examined: Analysis, site: Client) -> None:
    add_finding(examined, figure={"heat": HEAT})
    page = page_of(examined, site)
    stage = re.search(r'<g class="region" data-finding="1".*?<g class="tab">', page, re.DOTALL)
    assert stage
    assert stage[0].count("<path d=") == 4
    card = card_of(page)
    assert card.count('<svg class="piece"') == 2
    assert card.count('<g class="heat">') == 1
    assert "Where the trace is strongest: darker means more." in words(card)


# --- the report


def test_the_report_says_the_same_with_heat_twins_and_voices(
    add_photo: AddPhoto, bob: User, applicant: Applicant, tmp_path: Path
) -> None:
    analysis = examine_now(add_photo(astronaut()))
    add_finding(judged(analysis, code="generated"), wing="fingerprint", figure={"heat": HEAT})
    said = pages(report.applicant_pdf(applicant, by=bob))
    for sentence in (
        "Where the trace is strongest: darker means more.",
        "the photo was judged between 0.83 and 0.93: the judgement is steady.",
        "JPEG 80: 0.83",
        "About 8 times as common among generated pictures as among real ones.",
        "about 8 in ten of a balanced set are generated",
        "A copy that was not resized.",
        "Judged under policy 3: retouching is not tolerated.",
        AT_MOST,
    ):
        assert sentence in said
    whole, *_ = pictures_of(applicant, bob, tmp_path)
    assert fromstring((tmp_path / whole["regions"]).read_text()).findall(".//{*}g[@class='heat']/{*}path")


def test_json_and_csv_carry_policy_error_rate_and_voices(examined: Analysis, bob: User, applicant: Applicant) -> None:
    judged(examined, code="generated")
    analysis = exported(applicant, bob)["photos"][0]["analysis"]
    assert analysis["weighing"]["bound"]["share"] == 0.0085
    assert analysis["weighing"]["policy"]["retouching"] == "strict"
    assert [voice["title"] for voice in analysis["weighing"]["voices"]] == ["Learned fingerprint", "Eyes"]
    assert [twin["score"] for twin in analysis["deliveries"]["twins"]] == [0.91, 0.83, 0.93, None]
    assert AT_MOST in analysis["verdict_means"]
    row = rows(report.applicant_csv(applicant, by=bob))[0]
    assert AT_MOST in row["error rate of the verdict"]
    assert row["policy"] == "Judged under policy 3: retouching is not tolerated."


# --- hostile values

SCRIPT = "</svg><script>alert(1)</script>"
HOSTILE_DETAILS: list[Any] = [
    None, [], "x", 7, {"twins": None}, {"twins": "abc"}, {"twins": [None, 3, "x", []]}, {"twins": [{}]},
    {"twins": [{"name": SCRIPT, "score": "NaN"}] * 3, "stable": "yes", "limit": "0.9", "doubt": []},
    {"twins": [{"name": 7, "score": True}, {"name": None, "score": -1}, {"score": 2}, {"score": 10**400}]},
    {"twins": [{"name": "x" * 10_000, "score": 0.5}] * 10_000, "limit": 99, "doubt": -1},
]  # fmt: skip
HOSTILE_VERDICTS: list[dict[str, Any]] = [
    {"evidence": None, "bound": [], "policy": "x", "would_change": 3},
    {"evidence": "abc", "bound": {"share": "x"}, "policy": {"version": "3"}, "would_change": [None, 3, {}]},
    {"evidence": [None, {}, {"log10_ratio": "x"}, {"log10_ratio": True}], "bound": {"share": -1, "confidence": 0.95}},
    {"evidence": [{"log10_ratio": 1e308}, {"log10_ratio": 10**400}], "bound": {"share": 0, "confidence": 2}},
    {"evidence": [{"title": SCRIPT, "log10_ratio": 1, "shared": "x", "words": ["weak"], "speaks_for": {}}] * 10_000},
    {"policy": {"version": 3, "retouching": ["strict"]}, "would_change": [SCRIPT] * 10_000, "score": "high"},
    {"bound": BOUND | {"alarms": -1, "photos": "many", "sources": 1e9}},
]


@pytest.mark.parametrize("details", HOSTILE_DETAILS)
def test_hostile_twins_cost_nothing_but_themselves(examined: Analysis, site: Client, bob: User, details: Any) -> None:
    page = page_of(judged(examined, details=details), site)
    assert "What statistics say" in page
    assert "<script>alert" not in page
    assert len(page) < 200_000
    assert report.applicant_pdf(examined.photo.applicant, by=bob).startswith(b"%PDF")


@pytest.mark.parametrize("changed", HOSTILE_VERDICTS)
def test_a_hostile_verdict_costs_nothing_but_itself(
    examined: Analysis, site: Client, bob: User, changed: dict[str, Any]
) -> None:
    page = page_of(judged(examined, **changed), site)
    assert "What statistics say" in page
    assert "<script>alert" not in page
    assert len(page) < 200_000
    assert report.applicant_pdf(examined.photo.applicant, by=bob).startswith(b"%PDF")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_none_are_not_shown(value: float) -> None:
    assert bound_of(BOUND | {"share": value}) is None
    weighing = weighing_of({"verdict": VERDICT | {"score": value, "evidence": [{"log10_ratio": value}]}})
    assert weighing
    assert weighing.voices == ()
    twins = [{"name": "as it came", "score": value}, {"name": "JPEG 80", "score": 0.5}]
    deliveries = deliveries_of({"outcomes": [{"detector": "network", "details": {"twins": twins, "limit": value}}]})
    assert deliveries
    assert deliveries.limit is None
    assert [twin.score for twin in deliveries.twins] == [None, 0.5]


# --- the style guide


def test_the_style_guide_shows_heat_twins_and_voices(site: Client) -> None:
    page = text(site, reverse("styleguide"))
    assert '<g class="heat">' in page
    assert page.count("<h3>Delivery twins</h3>") == 3
    assert "so it counts as inconclusive." in page
    assert "How the evidence adds up" in page
    assert AT_MOST in page
