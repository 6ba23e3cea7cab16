"""What `manage.py check` looks at beyond Django's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.utils import timezone

if TYPE_CHECKING:
    from detector.trust_facts import TrustList

REFRESH = "`manage.py refresh_trust --fetch`, or `--from FOLDER` without a network (docs/operations.md#trust-lists)."


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


@register()
def trust_lists_are_in_force(**_: Any) -> list[CheckMessage]:
    """Missing, old, expired, or not what was recorded: each makes signers unknown that should be known."""
    from detector.trust import TrustLists
    from detector.trust_facts import facts_of

    lists = TrustLists.from_folder(settings.TRUST_DIR)
    facts = facts_of(lists, timezone.now())
    changed = [fact.title for fact in facts if fact.name in lists.records.lists and not lists.record(fact.name)]
    return [
        *_missing(facts),
        *(_old(fact) for fact in facts if fact.is_old),
        *(_expired(fact) for fact in facts if fact.state == "expired"),
        *_changed(changed, [fact for fact in facts if fact.state == "broken"], lists.records.problem),
    ]


def _missing(facts: Sequence[TrustList]) -> list[CheckMessage]:
    """The interim lists only beside the official ones: on a fresh installation one message is enough."""
    from detector.trust_facts import KEPT_UP

    missing = [fact for fact in facts if fact.state == "missing"]
    if needed := [fact.title for fact in missing if fact.name in KEPT_UP]:
        return [
            Warning(
                f"Not installed: {'; '.join(needed)}.",
                hint="Until then official signers are known only from the list built into the second reader, and "
                f"only up to its date. {REFRESH}",
                id="vetting.W004",
            )
        ]
    if missing:
        return [
            Info(
                f"Not installed: {'; '.join(fact.title for fact in missing)}.",
                hint=f"What cameras and programs signed before 2026 then has unknown signers. {REFRESH}",
                id="vetting.I001",
            )
        ]
    return []


def _old(fact: TrustList) -> CheckMessage:
    return Warning(
        f"{fact.title}: {fact.age.days} days old (as of {fact.confirmed}).",
        hint=f"Signers that were added since then are unknown here. {REFRESH}",
        id="vetting.W005",
    )


def _expired(fact: TrustList) -> CheckMessage:
    return Warning(
        f"{fact.title}: {len(fact.expired)} of {fact.certificates} anchors expired: {', '.join(fact.expired[:3])}"
        f"{' and others' if len(fact.expired) > 3 else ''}.",
        hint=f"What they vouch for can no longer be confirmed. A newer list may have the next anchor: {REFRESH}",
        id="vetting.W006",
    )


def _changed(changed: Sequence[str], broken: Sequence[TrustList], problem: str) -> list[CheckMessage]:
    said = [f"{title}: not the file that was installed." for title in changed]
    said += [f"{fact.title}: {fact.problem}" for fact in broken]
    return [
        Warning(
            words,
            hint=f"Was it changed in {settings.TRUST_DIR} by hand? To put a checked list there: {REFRESH}",
            id="vetting.W007",
        )
        for words in (*said, *([problem] if problem else []))
    ]


@register()
def reports_can_be_signed(**_: Any) -> list[CheckMessage]:
    """A production site makes no key by itself: every container would have another one."""
    from vetting.report.keys import MISSING, PRIVATE, NoSigningKey, signing_key

    if not settings.SIGNING_KEY and not (settings.KEYS_DIR / PRIVATE).exists():
        unsigned = [Warning(MISSING, hint="Until then no report can be issued.", id="vetting.W020")]
        return [*unsigned] if settings.PRODUCTION else []
    try:
        signing_key()
    except NoSigningKey as reason:
        return [Error(str(reason), hint="No report can be issued (docs/operations.md#reports).", id="vetting.E020")]
    return []


@register()
def single_sign_on_is_whole(**_: Any) -> list[CheckMessage]:
    """Half a configuration is no sign-in: it is named here rather than found by the first person at the door."""
    needed = {
        "CANDID_OIDC_ISSUER": settings.OIDC_ISSUER,
        "CANDID_OIDC_CLIENT_ID": settings.OIDC_CLIENT_ID,
        "CANDID_OIDC_CLIENT_SECRET": settings.OIDC_CLIENT_SECRET,
    }
    missing = [name for name, value in needed.items() if not value]
    hint = "docs/operations.md#single-sign-on has an example for each kind of provider."
    if missing and (len(missing) < len(needed) or settings.OIDC_ONLY):
        words = f"Single sign-on is off, because these are not set: {', '.join(missing)}."
        return [Error(words, hint=hint, id="vetting.E030")]
    if missing:
        return []
    problems: list[CheckMessage] = []
    if settings.PRODUCTION and not settings.OIDC_ISSUER.startswith("https://"):
        problems.append(Error("CANDID_OIDC_ISSUER has to begin with https://.", hint=hint, id="vetting.E031"))
    if {"common", "organizations", "consumers"} & set(settings.OIDC_ISSUER.split("/")):
        words = "CANDID_OIDC_ISSUER names no single tenant: people of any organisation could sign in there."
        problems.append(Error(words, hint="Put the tenant's id in its place.", id="vetting.E032"))
    return problems


@register()
def retention_is_enforced(**_: Any) -> list[CheckMessage]:
    if settings.RETENTION_ENFORCED:
        return []
    words = "Retention is switched off: nobody is deleted when the days of their opening have passed."
    hint = "Candidates are told so. Take CANDID_RETENTION_ENFORCED away to keep what openings promise."
    return [Warning(words, hint=hint, id="vetting.W040")]


@register(Tags.database)
def retention_was_announced(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """After an upgrade: what retention will delete, while there is time. `migrate` says it, and `check --database`."""
    from django.db import DatabaseError

    from vetting.keeping import retention

    if not databases or not settings.RETENTION_ENFORCED:
        return []
    try:
        begins = retention.begins_at()
        waiting = retention.due(begins).count() if begins > timezone.now() else 0
    except DatabaseError:  # before the first `migrate`
        return []
    if not waiting:
        return []
    words = f"{waiting} applicant(s) have been here longer than their opening says, and go from {begins:%Y-%m-%d} on."
    hint = "`manage.py retention --dry-run` lists them; give an opening more days to keep them."
    return [Info(words, hint=hint, id="vetting.I040")]
