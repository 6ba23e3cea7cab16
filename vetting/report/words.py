"""The sentences of a report: the verbal scales, what a report cannot say, and Content Credentials in three answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detector.observation import Bearing, Strength
from detector.verdict import VerdictCode
from vetting.report.weighing import Bound

# In the order in which pages and reports show them: never merged.
GROUPS = {
    "provenance": "What the file says",
    "signs": "What can be seen",
    "fingerprint": "What statistics say",
    "elsewhere": "Elsewhere",
}
NO_FINDING = "No finding."
ELSEWHERE = "Where the same picture stands under another name is a fact about the photo, not of one examination."
ELSEWHERE_NONE = (
    "No other applicant of the team sent this picture, as far as copies that were saved again, other crops and mirror "
    "images can be told."
)
NOT_COMPARED = "Not compared: this photo was not looked for among the photos of the team's other applicants."

VERDICT_MEANS = {
    VerdictCode.DECLARED_GENERATED: (
        "The file itself says that a generator made this picture. That is the file's own statement, not a measurement, "
        "and a statement can come to stand on the wrong picture."
    ),
    VerdictCode.GENERATED: (
        "The picture's pixels carry traces that are far more common among generated pictures than among real ones, and "
        "no other evidence outweighs them. It is a judgement from the picture and can be wrong; how often at most "
        "stands beside the verdict where it was measured, and in docs/accuracy.md."
    ),
    VerdictCode.RETOUCHED: (
        "There are signs of editing, or the file says that a part was edited. Many honest photos are retouched; the "
        "verdict does not say that the face is not the person's own."
    ),
    VerdictCode.INCONCLUSIVE: (
        "Something was seen, or too little could be looked at, and it does not settle how the picture was made. It "
        "counts neither for nor against the person."
    ),
    VerdictCode.UNEXAMINED: "The picture could not be examined. The report says nothing about how it was made.",
    VerdictCode.NOTHING_FOUND: (
        "The checks that could look saw nothing that speaks against the picture. That is no proof of how it was made."
    ),
    VerdictCode.VERIFIED_CAPTURE: (
        "A signer on a trust list vouches that a camera captured this picture, and its bytes have not changed since. "
        "It does not say who is in the picture; a camera also captures a screen or a print."
    ),
}

STRENGTH_MEANS = {
    Strength.WEAK: "Common in ordinary, honest photos too. Never enough for a conclusion.",
    Strength.MODERATE: "Less common in ordinary photos, yet it has innocent explanations. Worth a question.",
    Strength.STRONG: "Hard to explain in another way, though not impossible. Ask before deciding.",
    Strength.CONCLUSIVE: "Settles what the finding itself says, and nothing beyond that. Read what it cannot mean.",
}

SPEAKS_FOR = {
    Bearing.GENERATED: "a generated picture",
    Bearing.RETOUCHED: "retouching",
    Bearing.CAPTURED: "a camera's capture",
    Bearing.NEUTRAL: "neither side",
}

STATUS_TITLES = {
    "found": "Saw something",
    "clear": "Looked and saw nothing",
    "not-applicable": "Does not apply to this picture",
    "failed": "Could not look",
}

INTEGRITY = {
    "equal": "Both hashes are equal: the stored file is, byte for byte, the one that came in.",
    "different": (
        "The hashes differ: the stored file is no longer the one that came in; it was changed or damaged afterwards. "
        "Every examination below checked the hash first and was made from the file as it came in. Do not use the "
        "stored file as evidence before an administrator has found the cause."
    ),
    "missing": (
        "The stored file could not be read at export, so that no second hash could be taken. What is written below "
        "was found while it was there; the file itself cannot be handed over until an administrator has looked."
    ),
}

LIMITS = (
    "The report says what was seen in files. It does not say who a person is, whether a photo shows the applicant, or "
    "what anybody intended.",
    "Nothing found is not proof of authenticity: a good generator, or careful retouching, can leave nothing that these "
    "checks know.",
    "Most sites remove Content Credentials and camera data. Their absence says nothing either way.",
    "How often a check is right and how often it is wrong, and on which pictures that was measured, stands in "
    "docs/accuracy.md of the product. Of a check that has no figure there, the error rate is not known.",
    "Every finding has innocent explanations; “What this cannot mean” names them. Ask the applicant before a finding "
    "counts against them.",
    "The program decides nothing and rejects nobody. Every decision in this report was made by the person named there.",
)

NEXT_EVENT = (
    "The export of this report is itself the next event in the chain; it holds the report's number and the SHA-256 of "
    "the exported file."
)


def verdict_means(verdict: str, bound: Bound | None) -> str:
    """What the word says; where it is "generated", also how often real photos are called so."""
    means: str = VERDICT_MEANS.get(verdict, "")  # type: ignore[call-overload]
    return f"{means} {bound.sentence}" if bound and verdict == VerdictCode.GENERATED else means


def contradiction(numbers_by_bearing: Mapping[str, list[int]]) -> str:
    """A sentence where findings of one photo speak for a capture and against it; else an empty one."""
    captured = numbers_by_bearing.get(Bearing.CAPTURED, [])
    against = [b for b in (Bearing.GENERATED, Bearing.RETOUCHED) if numbers_by_bearing.get(b)]
    if not captured or not against:
        return ""
    sides = [f"{_numbers(numbers_by_bearing[b])} for {SPEAKS_FOR[b]}" for b in [*against, Bearing.CAPTURED]]
    return (
        f"These findings point in different directions: {'; '.join(sides)}. All are kept as they were found; the "
        "verdict above is how the policy weighed them. A person should look at them side by side."
    )


def _numbers(numbers: list[int]) -> str:
    *most, last = map(str, numbers)
    speaks = "speak" if most else "speaks"
    return f"no. {', '.join(most)} and {last} {speaks}" if most else f"no. {last} {speaks}"


QUESTIONS = ("Are the bytes those that were signed?", "Is the signer known?", "What is claimed?")
NO_STORE = {
    "none": "No Content Credentials. Most sites strip them: this says nothing either way.",
    "remote": "Credentials are stored elsewhere and were not fetched.",
    "unreadable": "Credentials are present but damaged.",
}


def credentials_in_words(credentials: Mapping[str, Any], *, lists: bool) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The state as a sentence, and question and answer three times. lists: whether trust lists were in force."""
    state = credentials.get("state", "none")
    sentence = str(credentials.get("words") or NO_STORE.get(state, ""))
    if state in NO_STORE:
        return sentence, tuple((question, "Not known.") for question in QUESTIONS)
    answers = (_intact(credentials), _signer(credentials, lists), _claims(credentials))
    return sentence, tuple(zip(QUESTIONS, answers, strict=True))


def credentials_unread(note: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The same where the check could not look: that is not the same as there being none."""
    sentence = f"Content Credentials were not read in this examination. {note}".strip()
    return sentence, tuple((question, "Not known.") for question in QUESTIONS)


def _intact(credentials: Mapping[str, Any]) -> str:
    intact = credentials.get("intact")
    if intact is None:
        return "Not known: it could not be confirmed today."
    if intact:
        return "Yes: the bytes match the signed hash."
    return "No: the file does not match what was signed. A site that resizes pictures does this too."


def _signer(credentials: Mapping[str, Any], lists: bool) -> str:
    signer, on = credentials.get("signer") or "an unnamed signer", credentials.get("signer_list")
    if on == "official":
        return f"Yes: {signer}, on the official C2PA trust list."
    if on == "interim":
        return f"Yes: {signer}, on the interim list, signed before it was frozen."
    if not lists:
        return f"Not known: no trust list was in force. The certificate calls itself “{signer}”."
    return f"No: “{signer}” stands on no trust list. Such a name can be chosen freely."


def _claims(credentials: Mapping[str, Any]) -> str:
    claims = [str(claim) for claim in credentials.get("claims", ())]
    if credentials.get("declares_generated"):
        return " ".join(["That a generator made the picture.", *claims])
    return " ".join(claims) or "Nothing about how the picture was made."
