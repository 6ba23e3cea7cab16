"""A program's day against the real processes: add an applicant, upload a photo, be told of the verdict, read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from tests.hook_server import hook_server
from tests.services import eventually, site
from tests.system.stage import TEAM, headshot

pytestmark = pytest.mark.system
CONNECT = """
from vetting.models import Opening
from vetting.tokens import Scope, make_token
from vetting.webhooks.announcing import Occasion
from vetting.webhooks.keeping import make_webhook
ada = User.objects.get(username="ada")
opening = Opening.objects.create(team=team, title="Autumn campaign", created_by=ada)
make_webhook(team=team, by=ada, url="http://127.0.0.1:{port}/hook", events=list(Occasion))
print(make_token(team=team, by=ada, name="Import", scopes=list(Scope)).text, opening.pk)
"""


def test_a_program_uploads_a_photo_and_is_told_of_its_verdict(tmp_path: Path) -> None:
    with hook_server() as hook, site(tmp_path, CANDID_WEBHOOKS_PRIVATE="1", SWEEP_EVERY="2") as running:
        running.manage("prepare", "--no-demo")
        token, opening = running.python(TEAM + CONNECT.format(port=hook.port)).split()
        running.web()
        running.worker()
        running.sweep()
        program = requests.Session()
        program.headers["Authorization"] = f"Bearer {token}"
        api = f"{running.url}/api/v1"
        added = program.post(f"{api}/openings/{opening}/applicants", json={"name": "Eileen Collins"}, timeout=30).json()
        photos = f"{api}/applicants/{added['id']}/photos"
        hook.status = 503  # at first the receiver is not ready
        sent = program.post(photos, files={"photo": ("headshot.jpg", headshot(1))}, timeout=30)
        assert sent.status_code == 201, sent.text
        eventually(lambda: hook.got, "the receiver is told of the verdict", 120)
        told = json.loads(hook.got[0].body)
        verdict = program.get(running.url + told["data"]["links"]["verdict"], timeout=30).json()
        assert (told["event"], told["data"]["photo"]) == ("verdict.ready", sent.json()["id"])
        assert verdict["code"] == told["data"]["verdict"]
        hook.status = 200
        due = "from vetting.models import Delivery; from django.utils import timezone; "
        running.python(due + "Delivery.objects.update(next_at=timezone.now())")  # a minute is over
        eventually(lambda: len(hook.got) == 2, "the sweep has it sent again", 60)
        assert hook.got[1].body == hook.got[0].body
        eventually(
            lambda: running.query("SELECT state, tries, answer FROM vetting_delivery") == [("delivered", 2, 200)],
            "the row says that it was delivered",
        )
