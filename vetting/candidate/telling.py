"""How the candidate comes by the link: a letter that a person sends from here, or a word that they handed it over."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from vetting import audit
from vetting.candidate.links import address_of
from vetting.models import CandidateLink, User

log = logging.getLogger(__name__)


class CannotTell(Exception):  # noqa: N818 - the text is a sentence for who pressed the button
    """Nothing was sent; the text says why and what to do."""


def sends_mail() -> bool:
    """Whether mail leaves this site at all, rather than being shown in its terminal."""
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def whole_address(link: CandidateLink) -> str:
    """What is sent, scanned and copied."""
    return f"{settings.SITE_URL}{address_of(link)}"


def tell_by_mail(*, link: CandidateLink, by: User) -> None:
    """Sends the letter now, because a person pressed the button. Raises CannotTell."""
    applicant = link.applicant
    if not link.opens(timezone.now()):
        raise CannotTell("This link no longer opens. Make a new one and send that.")
    if not applicant.email:
        raise CannotTell(f"There is no e-mail address of {applicant}. Copy the link and send it another way.")
    if not sends_mail():
        raise CannotTell("This site sends no mail. Copy the link and send it another way.")
    try:
        _letter(link, by).send()
    except (SMTPException, OSError) as error:
        log.warning("the letter with link %s could not be sent: %s", link.pk, type(error).__name__)
        raise CannotTell("The mail server did not take the letter. Try again, or send the link another way.") from error
    _note_told(link, by, CandidateLink.Told.MAILED)


def hand_over(*, link: CandidateLink, by: User) -> None:
    """A person says that the candidate has it now. Raises CannotTell."""
    if not link.opens(timezone.now()):
        raise CannotTell("This link no longer opens. Make a new one and hand that over.")
    _note_told(link, by, CandidateLink.Told.HANDED)


@transaction.atomic
def _note_told(link: CandidateLink, by: User, how: CandidateLink.Told) -> None:
    """The newest counts; each time is an event."""
    link.told_at, link.told_how = timezone.now(), how
    link.save(update_fields=["told_at", "told_how"])
    team = link.applicant.opening.team
    audit.record(team=team, actor=by, verb="link.told", subject=link.applicant, told=link.pk, how=str(how))


def _letter(link: CandidateLink, by: User) -> EmailMessage:
    opening = link.applicant.opening
    subject = f"{opening.team}: your photo for “{opening}”"
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=_text(link, by),
        to=[link.applicant.email],
        reply_to=[by.email] if by.email else None,
    )


def _text(link: CandidateLink, by: User) -> str:
    applicant, opening = link.applicant, link.applicant.opening
    until = date_format(timezone.localtime(link.expires_at), "j F Y")
    return "\n".join(
        [
            f"Hello {applicant},",
            "",
            f"thank you for applying to {opening.team} for “{opening}”.",
            "",
            "On your own page you can read what we ask for and why, send photos, and say how a photo was made:",
            "",
            whole_address(link),
            "",
            f"You need no account. The page works on a phone and opens until {until}. It is for you alone, so please "
            "do not pass the link on.",
            "",
            "A person looks at everything and decides; no machine does. You can change your mind at any time.",
            "",
            "If you did not expect this letter, you need not do anything. If you have a question, just reply to it.",
            "",
            "Kind regards,",
            str(by),
            str(opening.team),
            "",
        ]
    )
