"""deploy/kubernetes, against the published schemas, and against what the Compose file promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deploy" / "kubernetes"
THINGS: list[dict[str, Any]] = [
    thing for path in sorted(FOLDER.glob("*.yaml")) for thing in yaml.safe_load_all(path.read_text())
]
NAMES = [f"{thing['kind']}/{thing['metadata']['name']}" for thing in THINGS]
every_thing = pytest.mark.parametrize("thing", THINGS, ids=NAMES)
PODS = [thing["spec"]["template"] for thing in THINGS if thing["kind"] in ("Deployment", "Job")]
every_pod = pytest.mark.parametrize("pod", PODS, ids=[name for name in NAMES if re.match("Deployment|Job", name)])


@every_thing
@pytest.mark.parametrize("version", ["1.35", "1.37"])
def test_it_passes_the_strict_schema(thing: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(thing, version, strict=True)


def test_a_misspelt_word_would_not_pass_the_schema() -> None:
    [web] = [thing for thing in THINGS if thing["kind"] == "Service"]
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(web | {"spec": web["spec"] | {"portz": []}}, "1.37", strict=True)


@every_pod
def test_a_pod_has_no_root_no_capabilities_and_a_root_filesystem_it_cannot_write(pod: dict[str, Any]) -> None:
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert pod["spec"]["automountServiceAccountToken"] is False
    [container] = pod["spec"]["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["limits"]["memory"]


def test_no_secret_stands_in_the_settings() -> None:
    [settings] = [thing["data"] for thing in THINGS if thing["kind"] == "ConfigMap"]
    secret = {key for key in settings if re.search("SECRET|PASSWORD|DATABASE_URL|REDIS_URL|SIGNING", key)}
    assert all(key.endswith("_FILE") for key in secret)
    named = {Path(settings[key]).name for key in secret}
    given = [
        item["key"] for pod in PODS for v in pod["spec"]["volumes"] for item in v.get("secret", {}).get("items", [])
    ]
    assert set(given) == named
    assert "Secret" not in {thing["kind"] for thing in THINGS}


def test_the_settings_are_those_that_the_program_reads() -> None:
    [settings] = [thing["data"] for thing in THINGS if thing["kind"] == "ConfigMap"]
    program = (ROOT / "vetting" / "settings.py").read_text()
    names = {key.removesuffix("_FILE") for key in settings}
    assert {name for name in names if f'"{name}"' not in program} == set()


def test_only_the_web_process_can_sign_reports_once_it_runs() -> None:
    holders = {
        pod["metadata"]["labels"]["app.kubernetes.io/component"]
        for pod in PODS
        for volume in pod["spec"]["volumes"]
        if "signing_key" in [item["key"] for item in volume.get("secret", {}).get("items", [])]
    }
    assert holders == {"web", "migrate"}


def test_the_sweep_is_sent_by_exactly_one() -> None:
    [beat] = [thing for thing in THINGS if thing["metadata"]["name"] == "candid-beat"]
    assert beat["spec"]["replicas"] == 1
    assert beat["spec"]["strategy"] == {"type": "Recreate"}


def test_a_worker_has_longer_to_stop_than_an_examination_may_take() -> None:
    [worker] = [pod for pod in PODS if pod["metadata"]["labels"]["app.kubernetes.io/component"] == "worker"]
    limit = re.search(r'"ANALYSIS_TIME_LIMIT", (\d+)', (ROOT / "vetting" / "settings.py").read_text())
    assert limit
    assert worker["spec"]["terminationGracePeriodSeconds"] > int(limit[1])


def test_every_script_that_is_asked_for_health_is_there() -> None:
    commands = [
        container[probe]["exec"]["command"]
        for pod in PODS
        for container in pod["spec"]["containers"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
        if probe in container
    ]
    assert commands
    parts = (ROOT / "deploy" / "healthcheck.py").read_text()
    assert all((ROOT / script).is_file() and f'"{part}":' in parts for _, script, part in commands)
