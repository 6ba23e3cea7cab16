"""The panel on the applicant's page that says how things stand with the candidate: links, consents, who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import qrcode
from django.utils import timezone

from vetting.candidate.consents import covers, newest_consents
from vetting.candidate.disclosing import newest_disclosures
from vetting.candidate.notices import notice_in_force
from vetting.candidate.telling import sends_mail, whole_address
from vetting.models import Applicant, CandidateLink, Consent, Disclosure, Notice, Photo

MOST_LINKS = 20  # newest first; what is older is counted
LASTS = ((7, "7 days"), (30, "30 days"), (90, "90 days"))


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """path: the dark cells as an SVG path, one unit a cell, with the quiet zone that a camera needs around it."""

    side: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLink:
    """address: "" where the reader may not have it, or where it no longer opens."""

    link: CandidateLink
    state: str
    address: str = ""

    @property
    def code(self) -> QrCode:
        """Drawn only where a page shows it."""
        return qr_code(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConsent:
    """state: given, stale (given to an earlier wording) or withdrawn."""

    consent: Consent
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithCandidate:
    """said: by the number of a photo, what the candidate says of it."""

    links: Sequence[ShownLink]
    older: int
    consents: Sequence[ShownConsent]
    said: Mapping[int, Disclosure]
    mails: bool

    lasts = LASTS

    @property
    def opens(self) -> list[ShownLink]:
        return [shown for shown in self.links if shown.state == "open"]

    @property
    def ended(self) -> list[ShownLink]:
        return [shown for shown in self.links if shown.state != "open"]

    @property
    def withdrawn(self) -> Consent | None:
        """The consent to the check of the photos, where it was taken back."""
        found = (c.consent for c in self.consents if c.consent.kind == Consent.Kind.PHOTOS and c.state == "withdrawn")
        return next(found, None)


def with_candidate(applicant: Applicant, photos: Sequence[Photo], *, may_use: bool) -> WithCandidate:
    """may_use: whoever has a link can answer as the candidate, so only who makes links is shown one.

    The number of queries is fixed.
    """
    rows = applicant.links.select_related("made_by", "revoked_by").order_by("-pk")
    links = list(rows)
    for link in links:
        link.applicant = applicant
    return WithCandidate(
        links=[_shown(link, may_use) for link in links[:MOST_LINKS]],
        older=max(0, len(links) - MOST_LINKS),
        consents=_consents(applicant),
        said=newest_disclosures(photos),
        mails=sends_mail(),
    )


def _shown(link: CandidateLink, may_use: bool) -> ShownLink:
    if link.revoked_at:
        return ShownLink(link=link, state="revoked")
    if not link.opens(timezone.now()):
        return ShownLink(link=link, state="expired")
    return ShownLink(link=link, state="open", address=whole_address(link) if may_use else "")


def _consents(applicant: Applicant) -> list[ShownConsent]:
    newest = dict(newest_consents(applicant))
    newest.pop(Consent.Kind.GROUPS, None)  # that somebody named groups concerns nobody who decides
    notice = notice_in_force(applicant.opening) if newest else None
    return [ShownConsent(consent=newest[kind], state=_state(newest[kind], notice)) for kind in sorted(newest)]


def _state(consent: Consent, notice: Notice | None) -> str:
    if not consent.given:
        return "withdrawn"
    return "given" if notice and covers(consent, notice) else "stale"


def qr_code(text: str) -> QrCode:
    """As small as it can be read off a screen or a print by a phone."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make()
    cells = code.get_matrix()
    runs = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(cells) for x, dark in enumerate(row) if dark)
    return QrCode(side=len(cells), path="".join(runs))
