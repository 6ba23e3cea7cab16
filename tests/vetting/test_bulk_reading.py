"""The dry run: what an archive or a folder would bring, said row by row, and what is never opened."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from tests.conftest import AddPhoto, picture, upload
from tests.vetting import archives
from tests.vetting.archives import zip_upload, zipped
from vetting import intake
from vetting.bulk import turn
from vetting.bulk.planning import UNNAMED
from vetting.bulk.receiving import ask_to_read, begin_folder, receive_archive, receive_file
from vetting.bulk.tasks import carry_on
from vetting.models import Applicant, Bulk, BulkRow, Event, Opening, Photo, User

pytestmark = pytest.mark.django_db
Read = Callable[..., Bulk]
ONE, TWO = picture(1), picture(2)


@pytest.fixture
def read(opening: Opening, alice: User) -> Read:
    """read(files or bytes, table=None): an archive that came in and was read."""

    def take(files: dict[str, bytes] | bytes, table: str = "") -> Bulk:
        data = files if isinstance(files, bytes) else zipped(files)
        beside = SimpleUploadedFile("who.csv", table.encode()) if table else None
        archive = SimpleUploadedFile("photos.zip", data)
        bulk = receive_archive(opening=opening, archive=archive, table=beside, by=alice)
        carry_on(bulk.pk)
        return Bulk.objects.get(pk=bulk.pk)

    return take


def said(bulk: Bulk) -> list[tuple[str, str, str]]:
    return list(bulk.rows.values_list("name", "state", "message"))


def the_row(bulk: Bulk) -> BulkRow:
    return bulk.rows.get()


# --- a ZIP of photos alone


def test_names_come_from_file_names_and_photos_of_one_person_stand_together(read: Read) -> None:
    bulk = read({"cast/eileen-collins_01.jpg": ONE, "cast/eileen-collins_02.jpg": TWO, "Ada Okafor.png": picture(3)})
    assert bulk.state == "planned"
    assert said(bulk) == [
        ("Eileen Collins", "ready", ""),
        ("Eileen Collins", "ready", "Another photo of the person in row 1, by the name alone."),
        ("Ada Okafor", "ready", ""),
    ]


def test_the_dry_run_adds_nobody(read: Read) -> None:
    read({"eileen.jpg": ONE})
    assert not Applicant.objects.exists()
    assert not Photo.objects.exists()


def test_what_file_managers_leave_is_passed_over_without_a_word(read: Read) -> None:
    junk = dict.fromkeys(["__MACOSX/._eileen.jpg", ".DS_Store", "a/Thumbs.db", "desktop.ini", "a/._b.jpg"], b"x")
    assert [row.entry for row in read({"eileen.jpg": ONE} | junk).rows.all()] == ["eileen.jpg"]


def test_a_file_from_a_camera_tells_no_name_and_that_is_said(read: Read) -> None:
    row = the_row(read({"IMG_0042.jpg": ONE}))
    assert row.state == "refused"
    assert "No name can be told" in row.message


def test_a_folder_may_name_a_person_but_not_the_one_that_holds_everything(read: Read) -> None:
    bulk = read({"Cast/Ada Okafor/IMG_1.jpg": ONE, "Cast/IMG_2.jpg": TWO})
    assert [name for name, _, _ in said(bulk)] == ["Ada Okafor", ""]


def test_what_is_no_photo_has_the_words_of_the_upload(read: Read) -> None:
    bulk = read({"cv ada.pdf": b"%PDF-1.7", "eileen.jpg": ONE[:200], "broken bob.jpg": b"", "ron.jpg": TWO})
    messages = {row.name: row.message for row in bulk.rows.all()}
    assert "PDF" in messages["Cv Ada"]
    assert "empty" in messages["Broken Bob"]
    assert messages["Ron"] == ""
    assert bulk.rows.filter(state="refused").count() == 3


def test_the_same_picture_twice_is_said(read: Read) -> None:
    bulk = read({"eileen_1.jpg": ONE, "eileen_2.jpg": ONE, "ada.jpg": ONE})
    assert said(bulk)[1] == ("Eileen", "known", "The same picture as in row 1; it counts once.")
    assert said(bulk)[2] == ("Ada", "ready", "The same file stands in row 1 under another name.")


def test_an_archive_without_a_photo_has_failed_and_its_bytes_are_gone(
    read: Read, opening: Opening, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        read({".DS_Store": b"x"})
    bulk = Bulk.objects.get()
    assert (bulk.state, bulk.key) == ("failed", "")
    assert "There is no photo in it" in bulk.error


# --- with a table


def test_a_table_beside_or_among_the_photos_says_who_is_who(read: Read) -> None:
    table = "name,email,reference,file\nEileen Collins,e@example.org,A1,1.jpg\nAda Okafor,,,sub/2.jpg\n"
    for bulk in (
        read({"1.jpg": ONE, "sub/2.jpg": TWO}, table),
        read({"1.jpg": ONE, "sub/2.jpg": TWO, "t.csv": table.encode()}),
    ):
        rows = list(bulk.rows.values_list("name", "email", "reference", "entry", "state"))
        assert rows == [
            ("Eileen Collins", "e@example.org", "A1", "1.jpg", "ready"),
            ("Ada Okafor", "", "", "sub/2.jpg", "ready"),
        ]


def test_a_photo_is_found_by_its_path_its_name_and_without_its_ending(read: Read) -> None:
    files = {"Cast/One.JPG": ONE, "cast/u\u0308ber.jpg": TWO, "x/same.jpg": picture(3), "y/same.jpg": picture(4)}
    table = "name,file\na,one.jpg\nb,über\nc,x\\same.jpg\nd,same.jpg\ne,gone.jpg\nf,\n"
    rows = {row.name: row for row in read(files, table).rows.all()}
    assert [rows[name].entry for name in "abc"] == ["Cast/One.JPG", "cast/über.jpg", "x/same.jpg"]
    assert rows["d"].message == "2 photos are called “same.jpg”. Write the folder before the name."
    assert rows["e"].message.startswith("No photo is called “gone.jpg”")
    assert (rows["f"].state, rows["f"].message) == ("ready", "No photo is named: the applicant is added without one.")


def test_photos_that_no_line_names_are_listed_and_wait_for_a_word(read: Read) -> None:
    bulk = read({"1.jpg": ONE, "ada okafor.jpg": TWO, "mia.jpg": b"no"}, "name,file\nEileen,1.jpg\n")
    assert ("Ada Okafor", "refused", UNNAMED) in said(bulk)
    assert "This is not a picture" in bulk.rows.get(name="Mia").message


def test_wrong_lines_are_refused_one_by_one(read: Read) -> None:
    table = "name,email,file\n,e@example.org,1.jpg\nAda,not an address,1.jpg\n" + "x" * 201 + ",,1.jpg\nMia,,1.jpg\n"
    messages = [message for _, _, message in said(read({"1.jpg": ONE}, table))]
    assert messages[0] == "The line has no name."
    assert "is no e-mail address" in messages[1]
    assert "more than 200" in messages[2]
    assert messages[3] == ""


def test_duplicate_lines_count_once_and_other_photos_of_a_person_join(read: Read) -> None:
    table = "name,reference,file\nEileen Collins,A1,1.jpg\nEileen Collins,A1,1.jpg\nE. Collins,a1,2.jpg\n"
    bulk = read({"1.jpg": ONE, "2.jpg": TWO}, table)
    assert said(bulk)[1] == ("Eileen Collins", "known", "Says the same as row 1; it counts once.")
    third = said(bulk)[2]
    assert third[:2] == ("Eileen Collins", "ready")
    assert "this row says “E. Collins”" in third[2]


def test_people_who_are_here_get_the_photo_and_nobody_is_added_twice(
    read: Read, opening: Opening, applicant: Applicant, alice: User
) -> None:
    other = intake.add_applicant(opening=opening, name="Ada Okafor", reference="A1", by=alice)
    table = "name,email,reference,file\nEileen,EILEEN@example.org,,1.jpg\nAda,,a1,2.jpg\nEileen Collins,,,3.jpg\n"
    bulk = read({f"{n}.jpg": picture(n) for n in range(1, 4)}, table)
    rows = {row.number: row for row in bulk.rows.all()}
    assert rows[1].applicant == applicant
    assert rows[1].message == "Goes to Eileen Collins, who is here already with this address."
    assert rows[2].applicant == other
    assert rows[3].message == "Somebody of this name is here already; this adds another person."


def test_a_row_that_means_two_people_is_refused(
    read: Read, opening: Opening, applicant: Applicant, alice: User
) -> None:
    intake.add_applicant(opening=opening, name="Ada Okafor", reference="A1", by=alice)
    both = the_row(read({"1.jpg": ONE}, "name,email,reference,file\nBoth,eileen@example.org,A1,1.jpg\n"))
    assert both.state == "refused"
    assert "The reference is that of Ada Okafor, the address that of Eileen Collins" in both.message
    table = "name,email,reference,file\nMia,mia@example.org,,1.jpg\nRon,,B7,2.jpg\nBoth,mia@example.org,B7,3.jpg\n"
    third = read({f"{n}.jpg": picture(n) for n in range(1, 4)}, table).rows.get(number=3)
    assert (third.state, third.message) == (
        "refused",
        "The reference is that of row 2, the address that of row 1. Correct one.",
    )


def test_people_of_one_agency_share_its_address_and_are_told_apart_by_reference(
    read: Read, opening: Opening, alice: User
) -> None:
    intake.add_applicant(opening=opening, name="Ron", email="talent@agency.example", reference="T0", by=alice)
    table = "name,email,reference,file\nMia,talent@agency.example,T1,1.jpg\nAda,talent@agency.example,T2,2.jpg\n"
    bulk = read({"1.jpg": ONE, "2.jpg": TWO}, table)
    assert said(bulk) == [("Mia", "ready", ""), ("Ada", "ready", "")]
    assert not bulk.rows.exclude(applicant=None).exists()


def test_a_photo_that_its_applicant_has_is_known(read: Read, applicant: Applicant, add_photo: AddPhoto) -> None:
    add_photo(ONE)
    by_mail = read({"1.jpg": ONE}, "name,email,file\nEileen,eileen@example.org,1.jpg\n")
    by_name = read({"eileen-collins.jpg": ONE})
    for bulk in (by_mail, by_name):
        row = the_row(bulk)
        assert (row.state, "has this very photo already" in row.message) == ("known", True)


def test_two_tables_are_one_too_many_and_an_unreadable_one_is_said(read: Read) -> None:
    assert "more than one table: “a.csv”, “b.csv”" in read({"a.csv": b"name\nx", "b.csv": b"name\nx"}).error
    assert "no column “name”" in read({"a.csv": b"agent\nx", "x.jpg": ONE}).error


def test_what_the_table_had_too_much_is_said(read: Read) -> None:
    bulk = read({"1.jpg": ONE}, "name,agent,file\nMia,CAA,1.jpg\n")
    assert (bulk.state, bulk.error) == ("planned", "Not used: “agent”.")


# --- archives that nobody can vouch for


def test_a_bomb_is_not_unpacked(read: Read, settings: Settings) -> None:
    settings.MAX_PHOTO_BYTES = 4 * 1024 * 1024
    row = the_row(read({"ada.jpg": bytes(3 * 1024 * 1024)}))
    assert (row.state, "no photo does" in row.message) == ("refused", True)
    row = the_row(read({"mia.jpg": random.Random(1).randbytes(5 * 1024 * 1024)}))
    assert (row.state, "at most 4 MB" in row.message) == ("refused", True)


def test_an_archive_that_would_fill_the_disk_is_refused_whole(read: Read, settings: Settings) -> None:
    settings.MAX_BULK_BYTES = 1024 * 1024
    bulk = read({f"{n}.jpg": bytes(600_000) for n in range(4)})
    assert bulk.state == "failed"
    assert "Unpacked, the archive would have" in bulk.error
    assert not bulk.rows.exists()


@pytest.mark.parametrize("claim", [archives.claiming, archives.claiming_in_zip64])
def test_too_many_files_are_refused_before_their_list_is_read(read: Read, claim: Callable[[int], bytes]) -> None:
    bulk = read(claim(50_000))
    assert bulk.state == "failed"
    assert "50,000 files; at most 20,000" in bulk.error


def test_files_that_lie_over_one_another_are_refused_whole(read: Read) -> None:
    assert "lie over one another" in read(archives.overlapping(5, ONE)).error


@pytest.mark.parametrize("junk", [b"PK\x03\x04", b"PK" + bytes(5000), zipped({"a.jpg": ONE})[:-30]])
def test_a_damaged_archive_is_said(read: Read, junk: bytes) -> None:
    bulk = read(junk)
    assert (bulk.state, "damaged" in bulk.error) == ("failed", True)


def test_a_damaged_photo_costs_its_own_row_alone(read: Read) -> None:
    data = bytearray(zipped({"ada.jpg": ONE, "mia.jpg": TWO}, zipfile.ZIP_STORED))
    data[200] ^= 0xFF
    bulk = read(bytes(data))
    assert [state for _, state, _ in said(bulk)] == ["refused", "ready"]
    assert "could not be unpacked" in said(bulk)[0][2]


@pytest.mark.parametrize(
    "path", ["../ada.jpg", "a/../../ada.jpg", "/etc/ada.jpg", "C:\\photos\\ada.jpg", "..\\ada.jpg", "a\x07da.jpg"]
)
def test_a_path_that_leads_elsewhere_is_refused(read: Read, path: str) -> None:
    row = the_row(read({path: ONE}))
    assert row.state == "refused"
    assert "path leads out" in row.message or "signs in it" in row.message


def test_folders_written_with_backslashes_are_folders(read: Read) -> None:
    assert the_row(read({"cast\\ada.jpg": ONE})).entry == "cast/ada.jpg"


def test_a_link_an_archive_and_a_password_are_not_followed_opened_or_guessed(read: Read) -> None:
    assert "is a link" in the_row(read(archives.with_link("ada.jpg", "/etc/passwd"))).message
    assert "not opened" in the_row(read({"ada.zip": zipped({"x.jpg": ONE})})).message
    assert "password" in the_row(read(archives.flagged_as_encrypted(zipped({"ada.jpg": ONE})))).message
    assert "packed by a method" in the_row(read(archives.with_method(zipped({"ada.jpg": ONE}), 9))).message


def test_names_in_utf8_without_the_flag_and_in_an_old_code_page_are_read(read: Read) -> None:
    assert the_row(read(archives.named_in_utf8_without_saying_so("zoë müller.jpg", ONE))).name == "Zoë Müller"
    old = zipped({"zo@.jpg": ONE}).replace(b"zo@.jpg", b"zo\x89.jpg")  # ë in code page 437
    assert the_row(read(old)).name == "Zoë"


def test_two_files_of_one_name_are_said(read: Read) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ada.jpg", ONE)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("ada.jpg", TWO)
    assert [state for _, state, _ in said(read(buffer.getvalue()))] == ["ready", "refused"]


def test_what_is_no_zip_or_too_large_is_refused_at_the_door(opening: Opening, alice: User, settings: Settings) -> None:
    with pytest.raises(intake.Refused, match="no ZIP archive"):
        receive_archive(opening=opening, archive=upload(b"Rar!\x1a\x07", "a.rar"), by=alice)
    settings.MAX_BULK_BYTES = 100
    with pytest.raises(intake.Refused, match="Please split it"):
        receive_archive(opening=opening, archive=zip_upload({"a.jpg": ONE}), by=alice)
    assert not Bulk.objects.exists()


# --- a folder


@pytest.fixture
def folder(opening: Opening, alice: User) -> Bulk:
    return begin_folder(opening=opening, name="Cast", by=alice)


def send(folder: Bulk, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        receive_file(bulk=folder, path=path, upload=ContentFile(data, "x.jpg"))


def test_a_folder_is_read_like_an_archive(folder: Bulk) -> None:
    table = b"name;file\nEileen Collins;1.jpg\n"
    send(folder, {"Cast/1.jpg": ONE, "Cast/.DS_Store": b"x", "Cast/who.csv": table, "Cast/Ada Okafor/2.jpg": TWO})
    assert ask_to_read(bulk=folder)
    carry_on(folder.pk)
    assert said(folder) == [("Eileen Collins", "ready", ""), ("Ada Okafor", "refused", UNNAMED)]


def test_a_file_that_is_sent_twice_is_there_once(folder: Bulk) -> None:
    send(folder, {"a/ada.jpg": b"half of it"})
    send(folder, {"a/ada.jpg": ONE})
    ask_to_read(bulk=folder)
    carry_on(folder.pk)
    assert said(folder) == [("Ada", "ready", "")]


def test_after_it_is_read_nothing_more_comes_in(folder: Bulk) -> None:
    send(folder, {"ada.jpg": ONE})
    assert ask_to_read(bulk=folder)
    assert not ask_to_read(bulk=folder)
    with pytest.raises(intake.Refused, match="read already"):
        send(folder, {"mia.jpg": TWO})


def test_a_killed_reading_begins_again_and_keeps_the_table(folder: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after kill -9: the plan's rows are written, few are looked at, and the lease runs out."""
    send(folder, {"1.jpg": ONE, "who.csv": b"name,file\nEileen,1.jpg\n"})
    ask_to_read(bulk=folder)
    calls = []

    def killed(bulk: Bulk) -> None:
        calls.append(bulk)
        if len(calls) == 2:
            raise turn.LostTurn

    with monkeypatch.context() as patched:
        patched.setattr(turn, "renew", killed)
        carry_on(folder.pk)
    assert folder.rows.get().message == "Not looked at yet."
    Bulk.objects.filter(pk=folder.pk).update(lease_until=None)
    carry_on(folder.pk)
    assert said(folder) == [("Eileen", "ready", "")]


# --- ten thousand


def test_ten_thousand_rows_are_planned_in_few_queries(
    opening: Opening, read: Read, django_assert_max_num_queries: Callable[..., object]
) -> None:
    """One query for the people of the opening, and for the rest as many as there are batches."""
    lines = "".join(f"Person {n},p{n}@example.org,R{n},gone.jpg\n" for n in range(10_000))
    with django_assert_max_num_queries(200):  # type: ignore[attr-defined]
        bulk = read({"1.jpg": ONE}, "name,email,reference,file\n" + lines)
    assert bulk.state == "planned"
    assert bulk.rows.count() == 10_001
    assert bulk.rows.filter(state="refused").count() == 10_001


def test_receiving_reading_and_failing_are_events(read: Read) -> None:
    read({"ada.jpg": ONE})
    read({})
    verbs = [event.verb for event in Event.objects.filter(subject__startswith="bulk:").order_by("number")]
    assert verbs == ["import.received", "import.planned", "import.received", "import.failed"]


def test_a_file_without_a_name_is_refused_and_the_others_are_read(read: Read) -> None:
    """Python's own zipfile stumbles over such an entry when it is asked whether it is a folder."""
    nameless = zipped({"x": ONE, "Ada Okafor.jpg": TWO}).replace(b"x", b"\0", 1)
    at = nameless.rindex(b"PK\x01\x02", 0, nameless.rindex(b"PK\x01\x02"))
    nameless = nameless[: at + 46] + b"\0" + nameless[at + 47 :]
    bulk = read(nameless)
    rows = {row.name: row for row in bulk.rows.all()}
    assert rows["Ada Okafor"].state == BulkRow.State.READY
    assert rows[""].state == BulkRow.State.REFUSED
    assert "Please rename it." in rows[""].message
