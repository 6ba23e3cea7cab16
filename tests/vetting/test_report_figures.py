"""Figures in the report: places side by side, a bend with its lines, and nothing of it that could cost the export."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from defusedxml.ElementTree import fromstring
from PIL import Image, ImageOps
from pypdf import PdfReader

from detector.observation import Figure, Observation, Panel
from tests.conftest import examine_now
from tests.vetting.test_report import BENT, SMOOTH, exported, finish_with, outcome, pages, pictures_of, rows
from vetting import intake, report
from vetting.models import Analysis, Applicant, Photo, User
from vetting.report.evidence import collect_applicant
from vetting.report.pictures import draw_crops, preview_of


def crops_in(applicant: Applicant, by: User, folder: Path) -> list[dict[str, Any]]:
    """The crops of the first finding of the applicant's first photo."""
    photo = collect_applicant(applicant, by=by).photos[0]
    seen, analysis = preview_of(photo), photo.analysis
    assert seen
    assert analysis
    return draw_crops(analysis.findings[0], photo, seen, folder)


def examined_with(photo: Photo, by: User, observation: Observation) -> Analysis:
    """With a preview, as after a first examination, and this observation from a second."""
    examine_now(photo)
    intake.request_analysis(photo=photo, by=by)
    return finish_with(photo, outcome("skin", observation))


def test_places_to_compare_are_cut_at_one_size_and_the_mirrored_one_is_flipped(
    applicant: Applicant, bob: User, photo: Photo, tmp_path: Path
) -> None:
    same = Figure(panels=tuple(Panel(label="cheek", box=(40, 50, 90, 120), mirrored=flip) for flip in (False, True)))
    examined_with(photo, bob, dataclasses.replace(SMOOTH, figure=same))
    plain, mirrored = crops_in(applicant, bob, tmp_path)
    first, second = (Image.open(tmp_path / crop["file"]) for crop in (plain, mirrored))
    assert first.size == second.size
    unlike = np.abs(np.asarray(ImageOps.mirror(first), int) - np.asarray(second, int)).mean()
    assert unlike < np.abs(np.asarray(first, int) - np.asarray(second, int)).mean() / 2
    assert mirrored["caption"] == "Cheek (mirrored)"
    text = pages(report.applicant_pdf(applicant, by=bob))
    assert "Cheek (mirrored)" in text


def test_a_bend_is_in_the_report_bare_and_with_both_lines_and_a_legend(
    applicant: Applicant, bob: User, photo: Photo, tmp_path: Path
) -> None:
    examined_with(photo, bob, dataclasses.replace(SMOOTH, figure=BENT))
    bare, lined = crops_in(applicant, bob, tmp_path)
    assert bare["regions"] is None
    assert len(fromstring((tmp_path / lined["regions"]).read_text()).findall("{*}polyline")) == 4
    whole, *_ = pictures_of(applicant, bob, tmp_path)
    assert len(fromstring((tmp_path / whole["regions"]).read_text()).findall(".//{*}polyline")) == 4
    assert "Solid: the line as it runs. Dashed: if nothing had bent it." in pages(
        report.applicant_pdf(applicant, by=bob)
    )


def test_every_picture_of_the_report_has_an_alternative_text(applicant: Applicant, bob: User, photo: Photo) -> None:
    examined_with(photo, bob, dataclasses.replace(SMOOTH, figure=BENT))
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(applicant, by=bob)))
    items: list[Any] = [pdf.get_object(number) for number in range(1, len(pdf.xref[0]))]
    told = [str(item["/Alt"]) for item in items if isinstance(item, dict) and item.get("/S") == "/Figure"]
    assert any("Magnified crop for no. 1: As it is in the photo" in alt for alt in told)
    assert any("Magnified crop for no. 1: Solid" in alt for alt in told)
    assert all(told)


HOSTILE: list[Any] = [
    {}, [], "#panic()", {"panels": [{"label": "x", "box": [1, 2, 3, 4]}]}, {"panels": [{}, {}]},
    {"panels": [{"label": "x", "box": ["NaN", 0, 1, 1]}] * 2, "seen": [[1, 1], ["inf", 2]]},
    {"seen": [[1, 1]], "expected": 3},
    {"panels": [{"label": "#x *y* \u0378", "box": [-900, -900, 1200, 1300], "mirrored": "?"}] * 9},
    {"seen": [[-1e5, 7], [1e5, 9]], "expected": [[0, 0], [0, 0]]},
]  # fmt: skip


@pytest.mark.parametrize("figure", HOSTILE)
def test_a_broken_figure_does_not_cost_the_report(applicant: Applicant, bob: User, photo: Photo, figure: Any) -> None:
    examined_with(photo, bob, SMOOTH).findings.update(figure=figure)
    assert SMOOTH.summary in pages(report.applicant_pdf(applicant, by=bob))
    assert exported(applicant, bob)["photos"][0]["analysis"]["findings"][0]["figure"] == figure
    assert len(rows(report.applicant_csv(applicant, by=bob))) == 1
