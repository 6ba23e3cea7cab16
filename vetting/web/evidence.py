"""What the pages show of one analysis: cards and quiet lines in four groups that are never merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from vetting.models import Analysis, Finding, Photo
from vetting.models.analysis import parts_not_judged
from vetting.report.deliveries import deliveries_of
from vetting.report.elsewhere import NOT_COMPARED, NOTHING_FOUND
from vetting.report.packs import UsedPack, packs_of, title_of
from vetting.report.weighing import weighing_of
from vetting.web.charts import Balance, Strip, balance_of, strip_of
from vetting.web.elsewhere import Seen
from vetting.web.regions import Drawing, drawing_of, set_apart

GROUPS = {
    "provenance": ("What the file says", "Its signed history, its metadata, traces of the programs that wrote it."),
    "signs": ("What can be seen", "What a trained eye looks for in the picture itself."),
    "fingerprint": ("What statistics say", "Traces in the pixels that nobody sees, only counts."),
    "elsewhere": ("Elsewhere", "The same picture under another name, in your team’s own openings."),
}
NONE_INSTALLED = "No statistical check is installed yet."
BEFORE_CHECKS = "This examination was made before statistical checks were installed. Examine again to add them."
REASONS = 2  # that stand under the verdict; all others follow below it
CAMERA_WORDS = {
    "make": "Camera maker",
    "model": "Camera",
    "lens": "Lens",
    "software": "Software",
    "taken": "Taken, says the file",
    "exposure": "Exposure",
    "aperture": "Aperture",
    "focal_length": "Focal length",
    "iso": "ISO",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One finding, and how it is shown on the photo and beside it."""

    finding: Finding
    title: str
    drawing: Drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A check that saw nothing, does not apply or could not look; status is the outcome's."""

    title: str
    status: str
    note: str
    question: str = ""


@dataclass(slots=True, kw_only=True)
class Group:
    """strip: how steady the learned fingerprint is, among the statistics. seen: where else the picture stands."""

    key: str
    title: str
    about: str
    cards: list[Card] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    strip: Strip | None = None
    seen: Seen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """One of the three questions to Content Credentials. light: yes, no, unknown, or declared-generated for a claim."""

    question: str
    light: str
    answer: str

    @property
    def drawing(self) -> str:
        return self.light if self.light == "declared-generated" else f"lamp-{self.light}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One photo with one analysis of it, ready for the page. analysis: None before the first has ended."""

    photo: Photo
    analysis: Analysis | None
    groups: tuple[Group, ...] = ()
    lamps: tuple[Lamp, ...] = ()
    credentials: Mapping[str, Any] = field(default_factory=dict)
    camera: tuple[tuple[str, str], ...] = ()
    taken: str = ""
    settle: str = ""
    balance: Balance | None = None

    @property
    def cards(self) -> list[Card]:
        return [card for group in self.groups for card in group.cards]

    @property
    def reasons(self) -> list[Card]:
        """The findings that carry the verdict most, heaviest first."""
        order = (self.analysis.result if self.analysis else {}).get("verdict", {}).get("reasons", [])
        by_code = {card.finding.code: card for card in reversed(self.cards)}
        return [by_code[code] for code in order if code in by_code][:REASONS]

    @property
    def drawn(self) -> list[Card]:
        """The cards that have a region on the photo."""
        return [card for card in self.cards if card.drawing.shape]


def dossier(photo: Photo, analysis: Analysis | None, elsewhere: Seen | None = None) -> Dossier:
    """The evidence of a finished analysis, its findings loaded; an empty one where there is none."""
    if analysis is None or not analysis.result:
        return Dossier(photo=photo, analysis=analysis)
    result = analysis.result
    credentials = credentials_of(result)
    camera = _details(result, "metadata_marks").get("camera") or {}
    weighing = weighing_of(result)
    return Dossier(
        photo=photo,
        analysis=analysis,
        groups=_groups(photo, analysis, elsewhere),
        lamps=lamps(credentials),
        credentials=credentials,
        camera=tuple((CAMERA_WORDS.get(k, k), str(v)) for k, v in camera.items() if k != "taken"),
        taken=str(camera.get("taken") or ""),
        settle=result.get("verdict", {}).get("settle", ""),
        balance=balance_of(weighing) if weighing else None,
    )


def credentials_of(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The credentials of a result; from the outcome where an early result lacks them at the top."""
    inner = _details(result, "content_credentials")
    return inner.get("credentials") or (inner if "state" in inner else None) or result.get("credentials") or {}


def _details(result: Mapping[str, Any], detector: str) -> Mapping[str, Any]:
    found = (o.get("details") for o in result.get("outcomes", []) if o.get("detector") == detector)
    return next(found, None) or {}


def _groups(photo: Photo, analysis: Analysis, elsewhere: Seen | None) -> tuple[Group, ...]:
    groups = {key: Group(key=key, title=title, about=about) for key, (title, about) in GROUPS.items()}
    findings, packs = analysis.findings.all(), packs_of(analysis.result)
    drawings = [drawing_of(finding.region, finding.figure, photo.width, photo.height) for finding in findings]
    for finding, drawing in zip(findings, set_apart(drawings), strict=True):
        card = Card(finding=finding, title=words_for(finding.detector, packs)[0], drawing=drawing)
        groups.get(finding.wing, groups["signs"]).cards.append(card)
    for outcome in analysis.result.get("outcomes", []):
        groups[words_for(outcome["detector"])[2]].lines += _lines(outcome, packs)
    _add_elsewhere(groups["elsewhere"], elsewhere or Seen())
    _add_statistics(groups["fingerprint"], analysis.result)
    return tuple(groups.values())


def _add_statistics(group: Group, result: Mapping[str, Any]) -> None:
    """The strip of delivery twins; or a line that says why no statistical check is in this examination."""
    deliveries = deliveries_of(result)
    group.strip = strip_of(deliveries) if deliveries else None
    looked = any(words_for(outcome["detector"])[2] == group.key for outcome in result.get("outcomes", []))
    if not (looked or group.cards or group.lines or group.strip):
        note = BEFORE_CHECKS if group.key in _installed_wings() else NONE_INSTALLED
        group.lines.append(Line(title="Statistical traces", status="absent", note=note))


def _installed_wings() -> set[str]:
    return {wing for _, _, wing in _registered().values()}


def _lines(outcome: dict[str, Any], packs: tuple[UsedPack, ...]) -> Iterator[Line]:
    """A check that found nothing, and each part that it could not judge: never merged with having seen nothing."""
    title, question, _ = words_for(outcome["detector"], packs)
    if outcome["status"] != "found":
        yield Line(title=title, status=outcome["status"], note=outcome.get("note", ""), question=question)
    for part, reason in parts_not_judged(outcome).items():
        yield Line(title=f"{title}: {part}", status="not-applicable", note=reason, question=question)


def _add_elsewhere(group: Group, seen: Seen) -> None:
    """Cards of where else the picture stands; in their absence a line that says whether anybody looked."""
    group.seen = seen
    if not seen.repeats:
        status, note = ("clear", NOTHING_FOUND) if seen.compared else ("absent", NOT_COMPARED)
        group.lines.append(Line(title="Same picture, other applicants", status=status, note=note))


@cache
def _registered() -> dict[str, tuple[str, str, str]]:
    from detector.registry import detectors_by_wing  # late: it loads the decoders, which most pages do not need

    return {d.name: (d.title, d.question, wing) for wing, members in detectors_by_wing().items() for d in members}


def words_for(detector: str, packs: tuple[UsedPack, ...] = ()) -> tuple[str, str, str]:
    """Title, question and wing; a detector that is no longer installed keeps a readable name.

    packs: those of the examination; they are named by their models' titles.
    """
    return _registered().get(detector) or (title_of(detector, packs), "", _wing_of(detector))


def _wing_of(detector: str) -> str:
    from detector.registry import wing_of  # late, as above

    try:
        return wing_of(detector)
    except KeyError:
        return "signs"


# --- Content Credentials as three lamps

INTACT = {
    True: ("yes", "Yes. The bytes are the ones that were signed."),
    False: ("no", "No. The file does not match what was signed."),
    None: ("unknown", "It cannot be told."),
}


def lamps(credentials: Mapping[str, Any]) -> tuple[Lamp, ...]:
    """Three answers that are never added up; none where the file has no credentials."""
    state = credentials.get("state") or "none"
    if state == "none":
        return ()
    if state in {"remote", "unreadable"}:
        nothing = "Not known: the credentials were not read."
        return tuple(Lamp(question=question, light="unknown", answer=nothing) for question in QUESTIONS)
    light, words = INTACT.get(credentials.get("intact"), INTACT[None])
    return (
        Lamp(question=QUESTION_INTACT, light=light, answer=words),
        _signer_lamp(credentials, state),
        _claim_lamp(credentials),
    )


LISTS = {
    "official": "the official C2PA trust list",
    "interim": "the interim C2PA trust list, which counts for what was signed before it was frozen",
    "built-in": "the C2PA trust list built into the second reader",
}
MOST_CLAIMS = 2  # that the lamp quotes; the page on the file's history has them all
QUESTION_INTACT = "Are the bytes as they were signed?"
QUESTION_SIGNER = "Is the signer known?"
QUESTION_CLAIM = "What is claimed?"
QUESTIONS = (QUESTION_INTACT, QUESTION_SIGNER, QUESTION_CLAIM)


def _signer_lamp(credentials: Mapping[str, Any], state: str) -> Lamp:
    signer = credentials.get("signer") or "A signer without a name"
    if which := LISTS.get(str(credentials.get("signer_list"))):
        level = credentials.get("assurance")
        rated = f" Assurance level {level} of 2." if level else ""
        return Lamp(question=QUESTION_SIGNER, light="yes", answer=f"{signer}, on {which}.{rated}")
    if state in {"trusted", "partly-trusted"}:
        return Lamp(question=QUESTION_SIGNER, light="yes", answer=f"{signer}, on a trust list in force.")
    return Lamp(question=QUESTION_SIGNER, light="unknown", answer=f"{signer}: on no trust list in force here.")


def _claim_lamp(credentials: Mapping[str, Any]) -> Lamp:
    claims = list(dict.fromkeys(str(claim) for claim in credentials.get("claims") or []))
    if credentials.get("declares_generated"):
        first = sorted(claims, key=lambda claim: "AI model" not in claim)  # what the lamp's colour stands for
        return Lamp(question=QUESTION_CLAIM, light="declared-generated", answer=_said(first, "Made with AI."))
    if credentials.get("captured"):
        return Lamp(question=QUESTION_CLAIM, light="yes", answer=_said(claims, "Taken by a camera."))
    answer = _said(claims, "Nothing about how the picture came to be.")
    return Lamp(question=QUESTION_CLAIM, light="unknown", answer=answer)


def _said(claims: list[str], nothing: str) -> str:
    more = len(claims) - MOST_CLAIMS
    rest = [f"And {more} more."] if more > 0 else []
    return " ".join([*claims[:MOST_CLAIMS], *rest]) or nothing
