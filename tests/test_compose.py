"""docker-compose.yml and the Dockerfile, read as far as that is possible without Docker."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
every_service = pytest.mark.parametrize("name", SERVICES)


def test_it_has_the_parts_of_the_site_and_nothing_else() -> None:
    assert set(SERVICES) == {*OURS, "redis", "postgres"}


@every_service
def test_a_service_has_no_root_no_capabilities_and_a_root_filesystem_it_cannot_write(name: str) -> None:
    service = SERVICES[name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")


@every_service
def test_a_service_that_goes_on_is_asked_for_its_health(name: str) -> None:
    health = SERVICES[name]["healthcheck"]
    if name == "migrate":
        assert health == {"disable": True}
        assert SERVICES[name]["restart"] == "no"
    else:
        assert health["test"][0] == "CMD"
        assert all((ROOT / word).is_file() for word in health["test"] if word.endswith(".py"))


@every_service
def test_no_secret_stands_in_the_environment(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    secret = {key for key in environment if re.search("SECRET|PASSWORD|DATABASE_URL", key)}
    assert all(key.endswith("_FILE") for key in secret)
    mounted = {f"/run/secrets/{secret}" for secret in SERVICES[name].get("secrets", [])}
    assert {environment[key] for key in secret} <= mounted


def test_every_secret_is_a_file_that_git_ignores_and_that_one_command_makes() -> None:
    maker = (ROOT / "deploy" / "make-secrets.sh").read_text()
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"deploy/secrets/{name}"
        assert f"$folder/{name}" in maker
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "deploy/secrets" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_secrets_are_made_once_and_fit_each_other(tmp_path: Path) -> None:
    maker = tmp_path / "make-secrets.sh"
    maker.write_bytes((ROOT / "deploy" / "make-secrets.sh").read_bytes())
    made = []
    for _ in range(2):
        subprocess.run(["sh", str(maker)], check=True, capture_output=True)
        made.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == set(COMPOSE["secrets"])
    assert len(made[0]["secret_key"]) >= 50
    assert made[0]["database_url"] == f"postgresql://candid:{made[0]['postgres_password']}@postgres:5432/candid"


def test_our_processes_wait_for_the_tables_and_share_the_photos() -> None:
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert "candid:/var/lib/candid" in SERVICES[name]["volumes"]


def test_what_decodes_strangers_files_reaches_no_other_network() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["worker"]["networks"] == ["inside"]


def test_the_image_copies_what_is_there_and_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    sources = [
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    assert sources
    assert all((ROOT / source).exists() for source in sources if "*" not in source)
    (user,) = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert user == SERVICES["web"]["user"] != "0:0"
