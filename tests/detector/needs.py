"""What some tests of the detector need, and the command that brings it; with CI=true its absence fails."""

from __future__ import annotations

import os

import pytest

from detector import face_models

_missing = face_models.missing()
_in_ci = os.environ.get("CI", "").lower() == "true"

face_models_here = pytest.mark.skipif(
    bool(_missing) and not _in_ci,
    reason=f"face models missing; run `{face_models.COMMAND}`",
)
