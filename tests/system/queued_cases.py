"""Cases for the queue without any examination: photos that came in, findings as a worker stores them."""

from __future__ import annotations

from tests.services import Site
from tests.system.stage import PASSWORD

SEED = f"""
import datetime as dt
import io
import numpy as np
from PIL import Image
from django.core.files.base import ContentFile
from django.utils import timezone
from vetting.analysis import refresh_headline
from vetting.intake import accept_photo, add_applicant
from vetting.models import Analysis, Applicant, Finding, Membership, Opening, Role, Team, User
from vetting.preview import make_previews

FOUND = [
    ("generated", "strong", "generated", "The fine grain of the face is like that of generated pictures."),
    ("nothing-found", "", "", ""),
    ("retouched", "moderate", "retouched", "The skin of the left cheek is smoother than the eyes allow."),
    ("declared-generated", "conclusive", "generated", "The signed history names a generative model."),
    ("inconclusive", "weak", "generated", "The light in the two eyes comes from different sides."),
    ("generated", "weak", "generated", "The earrings differ."),
]
NAMES = ["Eileen", "Mae", "Sally", "Kathryn", "Peggy", "Anna", "Judith", "Shannon", "Ellen", "Joan"]
FAMILIES = ["Collins", "Jemison", "Ride", "Sullivan", "Whitson", "Fisher", "Resnik", "Lucid", "Ochoa", "Higginbotham"]


def member(name, first, last, role, team):
    user = User.objects.create_user(name, password="{PASSWORD}", first_name=first, last_name=last)
    Membership.objects.create(team=team, role=role, user=user)
    return user


def picture(n):
    # a head before a wall, each with other colours
    y, x = np.mgrid[0:200, 0:160].astype(np.float32)
    rgb = np.empty((200, 160, 3), np.float32)
    rgb[:] = (150 + n * 7 % 60, 160 - n * 5 % 50, 170 + n * 3 % 40)
    rgb[(x - 80) ** 2 / 70**2 + (y - 215) ** 2 / 75**2 < 1] = (60 + n * 11 % 90, 50, 90)
    rgb[(x - 80) ** 2 / 40**2 + (y - 95) ** 2 / 54**2 < 1] = (215 - n * 4 % 60, 175 - n * 4 % 60, 150 - n * 4 % 60)
    rgb[((x - 64) ** 2 + (y - 88) ** 2 < 22) | ((x - 96) ** 2 + (y - 88) ** 2 < 22)] = 30
    rgb += np.random.default_rng(n).normal(0, 3, rgb.shape)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def case(opening, n, by):
    name = f"{{NAMES[n % 10]}} {{FAMILIES[n // 10 % 10]}}"
    person = add_applicant(opening=opening, name=name, by=by)
    rgb, file = picture(n), io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=92)
    photo = accept_photo(applicant=person, upload=ContentFile(file.getvalue(), name=f"{{n:03}}.jpg"), by=by).photo
    verdict, strength, bearing, summary = FOUND[n % len(FOUND)]
    analysis = photo.analyses.get()
    words = summary or "The checks that apply saw nothing."
    said = {{"code": verdict, "summary": words, "reasons": ["seen"] if summary else []}}
    result = {{"verdict": said, "outcomes": []}}
    Analysis.objects.filter(pk=analysis.pk).update(
        state="done", verdict=verdict, strength=strength, summary=words, finished_at=timezone.now(), result=result
    )
    if summary:
        region = {{"kind": "ellipse", "points": [[60, 100], [76, 100], [60, 116]]}}
        Finding.objects.create(
            analysis=analysis, number=1, wing="signs", detector="skin", detector_version=1, code="seen",
            bearing=bearing, strength=strength, summary=summary, caveat="Soft light does this too.", region=region,
        )
    make_previews(photo, rgb)
    refresh_headline(person)
    Applicant.objects.filter(pk=person.pk).update(created_at=timezone.now() - dt.timedelta(hours=200 - n))
    return person


team = Team.objects.create(name="Northlight Casting")
alice = member("alice", "Alice", "Moreau", Role.RECRUITER, team)
bob = member("bob", "Bob", "Lindqvist", Role.REVIEWER, team)
ada = member("ada", "Ada", "Okafor", Role.ADMIN, team)
"""


def seed(site: Site, count: int, *, more: str = "") -> None:
    """One opening with `count` cases whose findings are stored; `more` is run after that."""
    site.python(
        SEED
        + "opening = Opening.objects.create(team=team, title='Lead, autumn film', created_by=ada)\n"
        + f"for n in range({count}):\n    case(opening, n, ada)\n{more}"
    )
