"""The table of an import in all the shapes that spreadsheets give it, and names told from file names."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from vetting.bulk.naming import name_from
from vetting.bulk.table import TEMPLATE, CannotRead, Line, read_table

ZOE = Line(name="Zoë Müller", email="zoe@example.org", reference="A-1", file="zoe.jpg")
TEXT = "name,email,reference,file\r\nZoë Müller,zoe@example.org,A-1,zoe.jpg\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_that_a_spreadsheet_writes_is_read(encoding: str) -> None:
    assert read_table(TEXT.encode(encoding)).lines == (ZOE,)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_separate(separator: str) -> None:
    assert read_table(TEXT.replace(",", separator).encode()).lines == (ZOE,)


def test_a_guess_at_the_encoding_is_said() -> None:
    assert "Windows-1252" in read_table(TEXT.encode("cp1252")).remark
    assert read_table(TEXT.encode()).remark == ""


def test_columns_stand_in_any_order_and_case_and_others_are_named() -> None:
    table = read_table("FILE;Agent;E-Mail;Full Name\nzoe.jpg;CAA;zoe@example.org;Zoë Müller\n".encode())
    assert table.lines == (Line(name="Zoë Müller", email="zoe@example.org", reference="", file="zoe.jpg"),)
    assert table.remark == "Not used: “Agent”."


def test_first_and_last_name_make_a_name() -> None:
    assert read_table(b"Last name,First name\nCollins,Eileen\n").lines[0].name == "Eileen Collins"


def test_excels_line_about_its_separator_and_empty_lines_are_passed_over() -> None:
    table = read_table(b"sep=;\r\nname;file\r\n;\r\n\r\nEileen Collins;a.jpg\r\n")
    assert [line.file for line in table.lines] == ["a.jpg"]


def test_a_quoted_comma_is_part_of_its_cell() -> None:
    assert read_table(b'name,file\n"Collins, Eileen","a, b.jpg"\n').lines[0].file == "a, b.jpg"


def test_the_template_is_read_as_it_is_meant() -> None:
    (line,) = read_table(TEMPLATE.encode()).lines
    assert line == Line(
        name="Eileen Collins", email="eileen@example.org", reference="A-1001", file="eileen-collins.jpg"
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"photo,agent\na.jpg,CAA\n", "no column “name”"),
        (b"\xff\xd8\xff\xe0JFIF", "no column “name”"),
    ],
)
def test_what_is_no_table_is_said(data: bytes, sentence: str) -> None:
    with pytest.raises(CannotRead, match=sentence):
        read_table(data)


def test_too_many_lines_are_refused_with_the_number(settings: Settings) -> None:
    settings.MAX_BULK_ROWS = 2
    with pytest.raises(CannotRead, match="3 lines; at most 2"):
        read_table(b"name\na\nb\nc\n")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("eileen-collins_01.jpg", "Eileen Collins"),
        ("photos/Eileen Collins (2).JPG", "Eileen Collins"),
        ("eileen_collins-2.jpg", "Eileen Collins"),
        ("eileen-collins-3.jpg", "Eileen Collins"),
        ("EILEEN COLLINS headshot.png", "Eileen Collins"),
        ("Collins, Eileen.jpg", "Eileen Collins"),
        ("Anne-Marie_Jones_copy.jpg", "Anne-Marie Jones"),
        ("anne-marie jones.jpg", "Anne-Marie Jones"),
        ("Ronan McDonald.jpg", "Ronan McDonald"),
        ("zoe\u0308.mu\u0308ller.jpg", "Zoë Müller"),
        ("Eileen Collins/IMG_0042.jpg", "Eileen Collins"),
        ("Eileen Collins/1.jpg", "Eileen Collins"),
        ("王小明.jpg", "王小明"),
        ("IMG_0042.jpg", ""),
        ("DSC00042.jpg", ""),
        ("WhatsApp Image 2025-01-01 at 10.00.00.jpeg", ""),
        ("0042.jpg", ""),
    ],
)
def test_a_name_is_told_from_the_file_name_or_its_folder_or_not_at_all(path: str, name: str) -> None:
    assert name_from(path) == name


def test_a_first_line_with_a_cell_beyond_all_bounds_is_refused_in_words() -> None:
    with pytest.raises(CannotRead, match="could not be cut into cells"):
        read_table(b'name,"' + b"x" * 200_000 + b'"\nEileen,a\n')
