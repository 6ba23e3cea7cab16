"""A second, independent reading of the same manifest store, by another implementation of the specification.

The two readers share no code (c2pa-rs and encypher-c2pa), so what both say is worth more than what either does, and
where they differ a person is told. The second one also has the official C2PA trust list of BUILT_IN_DATE built in: an
installation that has never been given the lists knows official signers by it.
Source: encypher-c2pa (Apache-2.0); where the two disagree, and why, is in docs/detectors.md.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from encypher_c2pa import __version__, verify

from detector.portrait import Portrait
from detector.provenance.reader_json import codes, mapping
from detector.trust import OFFICIAL, TIMESTAMP, TrustLists

NAME = f"encypher-c2pa {__version__}"
BUILT_IN_DATE = dt.date(2026, 9, 24)  # of the lists inside version 1.7; its documentation states the day

# The reader would ask at a terminal whether it may report failures to its maker, and keep the answer in the home
# folder; its own switches, set for this process, answer for it. It fetches nothing unless told to.
os.environ["ENCYPHER_C2PA_TELEMETRY"] = "off"
os.environ["ENCYPHER_C2PA_ONLINE"] = "off"

# What the second reader itself adds beside the specification's codes, and codes about who a person is (CAWG), which
# say nothing of the picture.
BESIDE = ("com.encypher.", "cawg.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReading:
    """What it found. intact: as in the first reading, None where it cannot tell. knows_signer: on a list it was given.

    knows_time: the timestamp comes from an authority on a list. built_in: whether its own lists were used, since the
    operator has none. failed: codes of the checks that failed.
    """

    present: bool
    intact: bool | None
    knows_signer: bool
    knows_time: bool
    built_in: bool
    failed: frozenset[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "reader": NAME,
            "intact": self.intact,
            "knows_signer": self.knows_signer,
            "built_in_lists": BUILT_IN_DATE.isoformat() if self.built_in else None,
            "codes": sorted(self.failed),
        }


def read_again(portrait: Portrait, trust: TrustLists) -> SecondReading | None:
    """Reads the store with the operator's official lists, or with those built in where he has none.

    None where the second reader cannot read the file at all. Asks nothing of the network.
    """
    own = trust.text(OFFICIAL).strip() or None
    stamps = trust.text(TIMESTAMP).strip() or None
    try:
        report = verify(
            portrait.data,
            portrait.mime,
            trust_pem=own,
            tsa_trust_pem=stamps if own else None,
            no_default_trust=own is not None,
            online=False,
        )
    except Exception:
        return None
    except BaseException as error:  # a panic inside the library is none of Python's exceptions
        if type(error).__name__ != "PanicException":
            raise
        return None
    return _reading(mapping(report), built_in=own is None)


def _reading(report: Mapping[str, Any], *, built_in: bool) -> SecondReading:
    failed = codes(mapping(report.get("validation_results")).get("failure"))
    return SecondReading(
        present=report.get("present") is True,
        intact=_intact(report),
        knows_signer=mapping(report.get("trust")).get("status") == "valid_for_supplied_material",
        knows_time="timeStamp.trusted" in codes(mapping(report.get("validation_results")).get("success")),
        built_in=built_in,
        failed=frozenset(code for code in failed if code and not code.startswith(BESIDE)),
    )


def _intact(report: Mapping[str, Any]) -> bool | None:
    """Signature and binding together: False where either does not match, True where both do."""
    signature, binding = report.get("signature"), report.get("hard_binding")
    failed = codes(mapping(report.get("validation_results")).get("failure"))
    if signature == "invalid" or binding == "mismatch" or any(code.endswith("hashedURI.mismatch") for code in failed):
        return False
    return True if signature == "valid" and binding == "match" else None
