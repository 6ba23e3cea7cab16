"""The evidence as canonical JSON: sorted keys, UTF-8, so that equal evidence gives equal bytes."""

from __future__ import annotations

import json
from dataclasses import asdict

from vetting.report.evidence import ApplicantEvidence


def as_json(evidence: ApplicantEvidence) -> bytes:
    """One object, with a line's end at its end."""
    text = json.dumps(asdict(evidence), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return text.encode() + b"\n"
