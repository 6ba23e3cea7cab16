"""The people and things that tests speak of: alice recruits, bob reviews, ada runs the team, charlie is a stranger.

Every test has its own storage under tmp_path and an in-memory broker: a real message stands in it, no worker takes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from tests import pictures
from vetting import analysis as analysis_stage
from vetting import intake
from vetting.candidate.links import make_link
from vetting.celery import app
from vetting.models import Analysis, Applicant, CandidateLink, Membership, Opening, Photo, Role, Team, User

SHARED = Path(__file__).resolve().parents[2] / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")


@pytest.fixture(autouse=True)
def _own_var(settings: Settings, tmp_path: Path) -> None:
    """Nothing a test writes outlives it, and nothing under var/ is touched."""
    for name in ("originals", "previews", "uploads", "static", "trust", "packs"):
        (tmp_path / name).mkdir()
    folder = "django.core.files.storage.FileSystemStorage"
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.TRUST_DIR = tmp_path / "trust"
    settings.PACKS_DIR = tmp_path / "packs"
    settings.KEYS_DIR = tmp_path / "keys"
    settings.SECRET_KEY = "a key for tests only"
    settings.STORAGES = {
        "default": {"BACKEND": folder, "OPTIONS": {"location": tmp_path / "uploads"}},
        "originals": {"BACKEND": folder, "OPTIONS": {"location": tmp_path / "originals", "base_url": None}},
        "previews": {"BACKEND": folder, "OPTIONS": {"location": tmp_path / "previews", "base_url": None}},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def _memory_broker() -> Iterator[None]:
    names = ("broker_url", "broker_transport_options")
    before = {name: app.conf[name] for name in names}
    app.conf.update(broker_url="memory://", broker_transport_options={})
    yield
    app.conf.update(before)


@pytest.fixture
def rung() -> Iterator[Callable[[], list[int]]]:
    """rung(): takes what stands in the broker and hands back the analysis ids, oldest first."""
    with app.connection_for_read() as connection, connection.SimpleQueue(app.conf.task_default_queue) as queue:
        queue.clear()

        def take() -> list[int]:
            ids: list[int] = []
            while queue.qsize():
                message = queue.get(block=False)
                ids.append(message.payload[0][0])
                message.ack()
            return ids

        yield take
        queue.clear()


# --- people


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Northlight Casting")


def member(team: Team, username: str, first: str, last: str, role: Role) -> User:
    user = User.objects.create_user(
        username, f"{username}@example.org", "correct horse battery", first_name=first, last_name=last
    )
    Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.fixture
def alice(team: Team) -> User:
    return member(team, "alice", "Alice", "Moreau", Role.RECRUITER)


@pytest.fixture
def bob(team: Team) -> User:
    return member(team, "bob", "Bob", "Lindqvist", Role.REVIEWER)


@pytest.fixture
def ada(team: Team) -> User:
    return member(team, "ada", "Ada", "Okafor", Role.ADMIN)


@pytest.fixture
def charlie(db: None) -> User:
    """A recruiter of another team."""
    return member(Team.objects.create(name="Harbour Staffing"), "charlie", "Charlie", "Weiss", Role.RECRUITER)


SignIn = Callable[[User], Client]


@pytest.fixture
def signed_in() -> SignIn:
    """signed_in(user): a client with that user's session."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


# --- things


@pytest.fixture
def opening(team: Team, alice: User) -> Opening:
    return Opening.objects.create(
        team=team, title="Lead, autumn film", photo_reason="To cast the part.", created_by=alice
    )


@pytest.fixture
def applicant(opening: Opening, alice: User) -> Applicant:
    return intake.add_applicant(opening=opening, name="Eileen Collins", by=alice, email="eileen@example.org")


@pytest.fixture
def link(applicant: Applicant, alice: User) -> CandidateLink:
    """Opens the applicant's candidate page."""
    return make_link(applicant=applicant, by=alice)


@pytest.fixture
def candidate(db: None) -> Client:
    """A browser without an account."""
    return Client()


def picture(seed: int = 0, size: tuple[int, int] = (320, 400), kind: str = "JPEG", **save: Any) -> bytes:
    """The bytes of a small picture with soft shapes and some noise: decodes, and has no face in it."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = np.random.default_rng(seed)
    waves = np.stack([np.sin(x / (20 + seed + c * 7)) + np.cos(y / (31 + c * 5)) for c in range(3)], axis=-1)
    pixels = np.clip(128 + 40 * waves + rng.normal(0, 6, (height, width, 3)), 0, 255).astype(np.uint8)
    return pictures.encoded(pixels, kind, **save)


def astronaut(**save: Any) -> bytes:
    """scikit-image's public-domain portrait, as a JPEG."""
    return pictures.encoded(pictures.astronaut(), "JPEG", **({"quality": 92} | save))


def upload(data: bytes, name: str = "headshot.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


AddPhoto = Callable[..., Photo]


@pytest.fixture
def add_photo(applicant: Applicant, alice: User) -> AddPhoto:
    """add_photo(data=None, applicant=..., name=...): a photo that came in through intake, its analysis queued."""

    def add(data: bytes | None = None, *, to: Applicant = applicant, name: str = "headshot.jpg") -> Photo:
        return intake.accept_photo(applicant=to, upload=upload(data or picture(), name), by=alice).photo

    return add


@pytest.fixture
def photo(add_photo: AddPhoto) -> Photo:
    return add_photo()


def examine_now(photo: Photo) -> Analysis:
    """Runs the photo's queued analysis in this process, as a worker would."""
    queued = photo.analyses.get(state__in=Analysis.IN_WORK)
    analysis_stage.run(queued.pk)
    return photo.analyses.get(pk=queued.pk)


@pytest.fixture
def examined(photo: Photo) -> Analysis:
    return examine_now(photo)


# --- pages


@pytest.fixture
def site(alice: User, signed_in: SignIn) -> Client:
    """The site as alice sees it."""
    return signed_in(alice)


def text(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    """What a reader sees: tags away, spaces folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
