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
