"""What is drawn over a photo: where, in which shape, and nothing that breaks out of the drawing."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from PIL import Image

from detector.__main__ import main
from detector.observation import (
    Bearing,
    Figure,
    Heat,
    Observation,
    Outcome,
    Panel,
    Region,
    RegionKind,
    Status,
    Strength,
)
from detector.overlay import Numbered, numbered_svg, region_of, regions_svg, standalone_svg, svg_overlay
from detector.pipeline import Examination, examine
from tests.pictures import encoded, noise

NS = "{http://www.w3.org/2000/svg}"
BOX = Region.box(30, 40, 10, 20)
POLYGON = Region.polygon([(5, 5), (50, 8), (20, 40)])
EARS = Figure(
    panels=(
        Panel(label="left ear", box=(40, 100, 80, 160)),
        Panel(label="right ear", box=(220, 100, 260, 160), mirrored=True),
    )
)
BENT = Figure(seen=((20, 0), (20, 90), (26, 100), (20, 110), (20, 200)), expected=((20, 0), (20, 200)))
TINTED = Figure(heat=Heat(corners=((10, 10), (90, 10), (90, 90), (10, 90)), values=((0, 0.4, 0), (0.2, 1, 0.3))))
ELLIPSE = Region(kind=RegionKind.ELLIPSE, points=((50, 50), (50, 80), (60, 50)))


def seen(region: Region | None, summary: str = "Something was seen.", figure: Figure | None = None) -> Observation:
    return Observation(
        code="probe.seen",
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary=summary,
        caveat="It means little.",
        region=region,
        figure=figure,
    )


def drawn(*observations: Observation, width: int = 100, height: int = 100) -> Element:
    return fromstring(standalone_svg(regions_svg(observations, width, height), width, height))


def test_a_box_is_drawn_from_its_corners_in_whatever_order_they_come() -> None:
    rect = drawn(seen(BOX)).find(f".//{NS}g[@class='region']/{NS}rect")
    assert rect is not None
    assert [float(rect.attrib[name]) for name in ("x", "y", "width", "height")] == [10, 20, 20, 20]


def test_a_polygon_keeps_its_corners_in_order() -> None:
    polygon = drawn(seen(POLYGON)).find(f".//{NS}polygon")
    assert polygon is not None
    assert polygon.attrib["points"] == "5.0,5.0 50.0,8.0 20.0,40.0"


def test_an_ellipse_is_turned_along_its_first_axis() -> None:
    ellipse = drawn(seen(ELLIPSE)).find(f".//{NS}ellipse")
    assert ellipse is not None
    assert [float(ellipse.attrib[name]) for name in ("cx", "cy", "rx", "ry")] == [50, 50, 30, 10]
    assert ellipse.attrib["transform"] == "rotate(90.00 50.0 50.0)"


def test_numbers_count_observations_without_a_region_too() -> None:
    svg = drawn(seen(None), seen(BOX), seen(None), seen(POLYGON))
    assert [text.text for text in svg.iter(f"{NS}text")] == ["2", "4"]


def test_no_region_draws_nothing() -> None:
    assert list(drawn(seen(None)).iter(f"{NS}text")) == []


def test_numbers_of_regions_in_the_same_place_do_not_cover_each_other() -> None:
    svg = drawn(*[seen(BOX)] * 4, width=400, height=400)
    places = [
        (rect.attrib["x"], rect.attrib["y"]) for rect in svg.findall(f".//{NS}g[@class='region-number']/{NS}rect")
    ]
    assert len(set(places)) == 4


def test_the_number_of_a_region_that_leaves_the_picture_stays_inside() -> None:
    svg = drawn(seen(Region.box(-50, -60, 20, 20)), seen(Region.box(99, 99, 160, 160)))
    for rect in svg.findall(f".//{NS}g[@class='region-number']/{NS}rect"):
        left, top, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert left >= 0
        assert top >= 0
        assert left + width <= 100.05
        assert top + height <= 100.05


def test_a_region_with_too_few_or_endless_points_is_left_out_and_the_others_stay() -> None:
    broken = [
        Region(kind=RegionKind.ELLIPSE, points=((1, 1),)),
        Region(kind=RegionKind.POLYGON, points=((1, 1), (2, 2))),
        Region.box(float("nan"), 0, 1, 1),
    ]
    svg = drawn(*map(seen, broken), seen(BOX))
    assert [text.text for text in svg.iter(f"{NS}text")] == ["4"]


def test_text_stays_text() -> None:
    svg = drawn(seen(BOX, "</title><script>alert(1)</script> & a \x00 \x1b bell"))
    assert list(svg.iter(f"{NS}script")) == []
    assert "1. </title><script>alert(1)</script> & a   bell" in [title.text for title in svg.iter(f"{NS}title")]


@pytest.mark.parametrize("region", [BOX, POLYGON, ELLIPSE])
def test_a_region_comes_back_from_the_json_contract(region: Region) -> None:
    assert region_of(region.to_json()) == region


@pytest.mark.parametrize("raw", [None, {}, {"kind": "spiral", "points": []}, {"kind": "box", "points": [[1]]}])
def test_what_is_no_known_region_is_none(raw: dict[str, object] | None) -> None:
    assert region_of(raw) is None


def test_stored_numbers_are_drawn_as_they_are() -> None:
    svg = fromstring(standalone_svg(numbered_svg([Numbered(7, BOX, "Seen.")], 100, 100), 100, 100))
    assert [text.text for text in svg.iter(f"{NS}text")] == ["7"]


def test_a_bent_line_is_drawn_with_its_region_solid_beside_its_dashed_continuation() -> None:
    region = drawn(seen(BOX, figure=BENT)).find(f".//{NS}g[@class='region']")
    assert region is not None
    lines = region.findall(f"{NS}polyline")
    cased, plain = lines[:2], lines[2:]
    assert {line.attrib["stroke"] for line in cased} == {"#ffffff"}
    assert float(cased[0].attrib["stroke-width"]) > 2 * float(plain[0].attrib["stroke-width"])
    dashed, solid = plain
    assert "stroke-dasharray" in dashed.attrib
    assert "stroke-dasharray" not in solid.attrib
    assert dashed.attrib["points"] == "20.0,0.0 20.0,200.0"
    assert "26.0,100.0" in solid.attrib["points"]


def test_a_line_with_an_endless_point_is_left_out_and_its_region_stays() -> None:
    region = drawn(seen(BOX, figure=Figure(seen=((1, float("nan")), (2, 2))))).find(f".//{NS}g[@class='region']")
    assert region is not None
    assert [element.tag for element in region] == [f"{NS}title", f"{NS}rect", f"{NS}rect"]


def entries(*observations: Observation) -> list[Element]:
    """What stands below the photo, one entry an observation."""
    outcome = Outcome(detector="probe", version=1, status=Status.FOUND, observations=observations)
    svg = fromstring(svg_overlay(replace(examine(encoded(noise(300, 400))), outcomes=(outcome,))))
    found: list[Element] = svg.findall(f"{NS}g[@class='crops']/{NS}g[@class='entry']")
    return found


def test_below_the_photo_each_place_stands_magnified_with_number_and_sentence() -> None:
    found = entries(seen(None, "About the file."), seen(BOX, "A box."), seen(POLYGON, "Ears.", EARS))
    assert [entry.attrib["data-number"] for entry in found] == ["2", "3"]
    box, ears = found
    assert "A box." in "".join(box.itertext())
    (window,) = box.findall(f"{NS}svg")
    assert window.find(f"{NS}rect") is not None  # the outline, drawn into the crop
    left, right = ears.findall(f"{NS}svg")
    assert (left.attrib["width"], left.attrib["height"]) == (right.attrib["width"], right.attrib["height"])
    uses = [window.find(f"{NS}use") for window in (left, right)]
    assert ["scale(-1 1)" in use.attrib.get("transform", "") for use in uses if use is not None] == [False, True]
    words = " ".join(ears.itertext())
    assert "Left ear" in words
    assert "Right ear (mirrored)" in words


def test_below_the_photo_a_bend_stands_bare_and_with_its_lines_and_a_legend() -> None:
    (entry,) = entries(seen(BOX, "An edge bends.", BENT))
    bare, lined = entry.findall(f"{NS}svg")
    assert bare.attrib["viewBox"] == lined.attrib["viewBox"]
    assert [len(window.findall(f"{NS}polyline")) for window in (bare, lined)] == [0, 4]
    assert "Solid: the line as it runs. Dashed: if nothing had bent it." in " ".join(entry.itertext())


def test_a_heat_lies_below_the_outline_and_lets_the_photo_show_through() -> None:
    region = drawn(seen(BOX, figure=TINTED)).find(f".//{NS}g[@class='region']")
    assert region is not None
    assert [element.tag for element in region] == [f"{NS}{tag}" for tag in ("title", "g", "rect", "rect")]
    heat = region[1]
    assert float(heat.attrib["fill-opacity"]) * len(heat.findall(f"{NS}path")) < 0.6
    assert heat.attrib["fill-rule"] == "evenodd"


def test_below_the_photo_a_heat_stands_bare_and_tinted_with_its_caption() -> None:
    (entry,) = entries(seen(BOX, "The grain is unusual.", TINTED))
    bare, tinted = entry.findall(f"{NS}svg")
    assert bare.attrib["viewBox"] == tinted.attrib["viewBox"]
    assert [len(window.findall(f".//{NS}path")) for window in (bare, tinted)] == [0, 4]
    assert "Where the trace is strongest: darker means more." in " ".join(entry.itertext())


def test_with_nothing_to_magnify_the_drawing_ends_with_the_photo() -> None:
    svg = fromstring(svg_overlay(with_observation(examine(encoded(noise(300, 400))), seen(None))))
    assert svg.attrib["viewBox"] == "0 0 300 400"


def with_observation(examination: Examination, observation: Observation) -> Examination:
    outcome = Outcome(detector="probe", version=1, status=Status.FOUND, observations=(observation,))
    return replace(examination, outcomes=(outcome,))


def test_the_standalone_picture_is_bounded_and_keeps_the_geometry_of_the_original() -> None:
    found = with_observation(examine(encoded(noise(2400, 1200))), seen(Region.box(1000, 100, 2000, 900)))
    svg = fromstring(svg_overlay(found))
    left, top, width, height = map(float, svg.attrib["viewBox"].split())
    assert (left, top, width) == (0, 0, 2400)
    assert height > 1200  # the photo, and a strip of crops below it
    image = svg.find(f"{NS}image")
    assert image is not None
    assert (image.attrib["width"], image.attrib["height"]) == ("2400", "1200")
    kind, data = image.attrib["href"].split(",")
    assert kind == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (1600, 800)


def test_the_standalone_picture_carries_no_metadata_of_the_original() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home, 12 Elm Street"
    original = encoded(noise(), exif=exif)
    image = fromstring(svg_overlay(examine(original))).find(f"{NS}image")
    assert b"Elm Street" in original
    assert image is not None
    assert b"Elm Street" not in base64.b64decode(image.attrib["href"].split(",")[1])


def test_there_is_nothing_to_draw_on_without_a_picture() -> None:
    with pytest.raises(ValueError, match="no picture"):
        svg_overlay(examine(b"not a picture"))


def test_the_prompt_writes_one_drawing_a_photo(tmp_path: Path) -> None:
    photo = tmp_path / "face.jpg"
    photo.write_bytes(encoded(noise()))
    assert main([str(photo), "--overlay", str(tmp_path / "drawn")]) == 0
    fromstring((tmp_path / "drawn" / "face.overlay.svg").read_text())
