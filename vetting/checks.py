"""What `manage.py check` looks at beyond Django's own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register()
def leases_outlast_the_time_limit(**_: Any) -> list[CheckMessage]:
    """time limit < lease < broker visibility, or two workers examine the same photo."""
    lease = settings.ANALYSIS_LEASE.total_seconds()
    if settings.ANALYSIS_TIME_LIMIT < lease < settings.BROKER_VISIBILITY:
        return []
    return [
        Error(
            "ANALYSIS_TIME_LIMIT < ANALYSIS_LEASE < the broker's visibility timeout does not hold.",
            hint=f"They are {settings.ANALYSIS_TIME_LIMIT}, {lease:.0f} and {settings.BROKER_VISIBILITY} seconds.",
            id="vetting.E001",
        )
    ]


@register()
def model_packs_are_whole(**_: Any) -> list[CheckMessage]:
    """Card, calibration and hash of each; and whether it was calibrated beside the verdict that is in force."""
    from detector.packs import Packs
    from detector.verdict import POLICY_VERSION

    packs = Packs.from_folder(settings.PACKS_DIR)
    broken = [(pack.folder, pack.problem) for pack in packs.broken]
    broken += [(pack.card.name, pack.problem) for pack in packs.packs if pack.problem]
    found: list[CheckMessage] = [
        Warning(
            f"The model pack “{name}” cannot be used: {problem}",
            hint="Each examination says that it could not look. `manage.py remove_model_pack` takes it away.",
            id="vetting.W002",
        )
        for name, problem in broken
    ]
    older = [p.card.name for p in packs.packs if p.calibration and p.calibration.policy != POLICY_VERSION]
    return found + [
        Warning(
            f"The model pack “{name}” was calibrated beside another verdict policy than that in force.",
            hint="Its weight beside Candid's own checks may be wrong. Remove it and add it again.",
            id="vetting.W003",
        )
        for name in older
    ]


@register()
def face_models_are_there(**_: Any) -> list[CheckMessage]:
    from detector.face_models import missing

    if lacking := ", ".join(model.name for model in missing()):
        return [
            Warning(
                f"Face models are missing: {lacking}. Detectors that need a face answer 'could not look'.",
                hint="`make setup` fetches them.",
                id="vetting.W001",
            )
        ]
    return []
