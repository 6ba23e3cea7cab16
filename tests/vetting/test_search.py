"""Search looks inside of words, minds neither capitals nor accents, and knows of every way that a name is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.conftest import picture, text
from tests.vetting.archives import zip_upload
from tests.vetting.callers import caller
from vetting.bulk.importing import start_import
from vetting.bulk.receiving import receive_archive
from vetting.bulk.tasks import carry_on
from vetting.intake import add_applicant
from vetting.models import Applicant, Bulk, Opening, User
from vetting.models.derived import MOST, folded, search_text

pytestmark = pytest.mark.django_db
Add = Callable[..., Applicant]


@pytest.fixture
def add(opening: Opening, alice: User) -> Add:
    """add(name, email=..., reference=...): an applicant of the opening."""

    def adds(name: str, **more: str) -> Applicant:
        return add_applicant(opening=opening, name=name, by=alice, **more)

    return adds


def found(words: str) -> list[str]:
    return [row.name for row in Applicant.objects.matching(words).order_by("search_text", "pk")]


PARTS = "Émilie emilie EMILIE E\u0301milie mili weiss Weiß emilie@example EXAMPLE.org ATS-104"


@pytest.mark.parametrize(
    "asked", [*PARTS.split(), "émilie weiss", "weiss emilie", "ats-1042 weiß", "  emilie   weiss "]
)
def test_words_are_found_by_their_parts_and_without_accents(asked: str, add: Add) -> None:
    add("Émilie Weiß", email="emilie@example.org", reference="ATS-1042")
    add("Somebody Else", email="else@example.com", reference="ATS-2000")
    assert found(asked) == ["Émilie Weiß"]


@pytest.mark.parametrize("asked", ["emiliew", "emilie else", "%", "_", "em%ie", "\\"])
def test_what_does_not_stand_there_is_not_found(asked: str, add: Add) -> None:
    add("Émilie Weiß", reference="ATS-1042")
    add("Somebody Else")
    assert found(asked) == []


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Søren Ærø", "soren aero"),
        ("Łukasz Świątek", "lukasz swiatek"),
        ("Siobhán O’Brien", "siobhan o'brien"),
        ("Đỗ Thị Hạnh", "do thi hanh"),
        ("Дмитрий Ильин", "дмитрий"),
        ("山田 花子", "花子"),
        ("Ann_Marie 100%", "100%"),
        ("Ann_Marie 100%", "n_m"),
    ],
)
def test_names_of_many_languages_are_found_as_people_type_them(name: str, asked: str, add: Add) -> None:
    add(name)
    assert found(asked) == [name]


def test_the_order_by_name_minds_neither_capitals_nor_accents(add: Add, opening: Opening, site: Client) -> None:
    for name in ("Zoë", "émile", "Eva", "Ada", "Ada Lee", "Åsa"):
        add(name)
    assert found("") == ["Ada", "Ada Lee", "Åsa", "émile", "Eva", "Zoë"]
    page = text(site, f"/openings/{opening.pk}/?sort=-name")
    assert page.index(">Zoë<") < page.index(">Eva<") < page.index(">émile<") < page.index(">Ada<")


def test_a_strangers_applicants_are_not_found(add: Add, charlie: User, site: Client) -> None:
    add("Eileen Collins")
    theirs = Opening.objects.create(
        team=charlie.memberships.get().team, title="Theirs", photo_reason="To cast.", created_by=charlie
    )
    add_applicant(opening=theirs, name="Eileen Stranger", by=charlie)
    for address in ("/openings/?q=eileen", "/reports/?q=eileen"):
        page = text(site, address)
        assert "Eileen Collins" in page
        assert "Eileen Stranger" not in page


def test_a_name_is_found_after_every_way_of_writing_it(add: Add, opening: Opening, alice: User, ada: User) -> None:
    one = add("Before")
    Applicant.objects.filter(pk=one.pk).update(name="Úna Updated")
    assert found("una updated") == ["Úna Updated"]
    one.refresh_from_db()
    one.name = "Sára Saved"
    one.save()
    assert (found("sara saved"), found("updated")) == (["Sára Saved"], [])
    one.reference = "Réf-7"
    one.save(update_fields=["reference"])
    assert found("ref-7") == ["Sára Saved"]
    one.name = "Ólaf Atonce"
    Applicant.objects.bulk_update([one], ["name"])
    assert (found("olaf"), found("saved")) == (["Ólaf Atonce"], [])
    Applicant.objects.bulk_create([Applicant(opening=opening, name="Bülent Bulk", created_by=alice)])
    assert found("bulent") == ["Bülent Bulk"]
    made = caller(opening.team, ada).post(f"/openings/{opening.pk}/applicants", {"name": "Ápi Called"})
    assert made.status_code == 201
    assert found("api called") == ["Ápi Called"]


def test_an_imported_name_is_found(opening: Opening, alice: User) -> None:
    table = SimpleUploadedFile("who.csv", "file,name,reference\na.jpg,Íris Import,X-9\n".encode())
    bulk = receive_archive(opening=opening, archive=zip_upload({"a.jpg": picture(1)}), table=table, by=alice)
    carry_on(bulk.pk)
    start_import(bulk=Bulk.objects.get(pk=bulk.pk), by=alice)
    for _ in range(5):
        carry_on(bulk.pk)
    assert found("iris x-9") == ["Íris Import"]


def test_a_very_long_text_still_fits_the_index() -> None:
    longest = search_text("\ufdfa" * 200, "a" * 254, "b" * 100)  # one letter that Unicode takes apart into eighteen
    assert len(longest) == MOST
    assert folded("Émile Weiß") == "emile weiss"


def test_a_search_is_read_off_an_index_alone(opening: Opening, alice: User) -> None:
    rows = Applicant.objects.visible_to(alice).matching("anna").order_by("search_text", "pk").values_list("pk")
    assert "COVERING INDEX applicant_search" in rows[:20].explain()


def test_the_queue_is_read_in_the_order_of_its_index(opening: Opening, alice: User) -> None:
    plan = Applicant.objects.all().for_queue(alice, [opening]).values_list("pk", flat=True)[:50].explain()
    assert "INDEX applicant_queue" in plan
    assert "TEMP B-TREE" not in plan  # nothing is sorted


def test_the_place_in_the_queue_follows_the_opening(opening: Opening, add: Add) -> None:
    one = add("Ada")
    Applicant.objects.filter(pk=one.pk).update(verdict="generated", verdict_rank=2, verdict_strength="strong")

    def place() -> int:
        return int(Applicant.objects.values_list("queue_place", flat=True).get(pk=one.pk))

    assert place() == 7
    opening.blind_first = True
    opening.save(update_fields=["blind_first"])
    assert place() == 20
    Opening.objects.filter(pk=opening.pk).update(blind_first=False)
    assert place() == 7
