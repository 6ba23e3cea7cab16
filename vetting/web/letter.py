"""A letter to a candidate that asks for a file: polite, plain, blaming nobody. A person reads, changes and sends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

LONGEST_ADDRESS = 1900  # characters of a mailto: address that every mail program takes

WAYS = {
    "iphone": "On an iPhone: open the photo in Photos, tap Share, then “Save to Files”, and attach it from Files.",
    "android": "On an Android phone: attach the photo from the camera’s own folder (DCIM/Camera in the Files app).",
    "lightroom": "From Lightroom: export it as a JPEG, with “Content Credentials” chosen in the export settings.",
    "photoshop": "From Photoshop: switch on “Content Credentials” (in the Window menu), then use File > Export > "
    "Export As and attach them. The file that was opened in Photoshop helps us even more.",
    "photographer": "If somebody else took it: please ask them for the JPEG as it came from the camera.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """to: an address, "" where the applicant has none."""

    to: str
    subject: str
    body: str

    @property
    def lines(self) -> int:
        """How tall a field shows all of it."""
        return sum(1 + len(line) // 96 for line in self.body.split("\n")) + 1

    @property
    def carries_body(self) -> bool:
        return len(self._address(self.body)) <= LONGEST_ADDRESS

    @property
    def mailto(self) -> str:
        """Opens the reader's own mail program; without the body where the address would be too long for some."""
        return self._address(self.body if self.carries_body else "") if self.to else ""

    def _address(self, body: str) -> str:
        address = f"mailto:{quote(self.to, safe='@')}?subject={quote(self.subject)}"
        return f"{address}&body={quote(body.replace(chr(10), chr(13) + chr(10)))}" if body else address


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who writes to whom about what."""

    applicant: str
    email: str
    opening: str
    file_name: str
    writer: str
    team: str


def ask_for_file(parties: Parties, *, wanted: str, reason: str, ways: Iterable[str]) -> Letter:
    """wanted: which file, as it follows "send us". reason: what was seen, as a sentence that accuses nobody."""
    steps = "\n".join(f"- {WAYS[way]}" for way in dict.fromkeys(ways) if way in WAYS)
    body = f"""Dear {parties.applicant},

thank you for your application for “{parties.opening}” and for your photo ({parties.file_name}).

{reason} This happens to many photos and is nobody’s fault. Could you please send us {wanted}?

{steps}

Please reply to this e-mail with the file attached. Chat apps, websites and screenshots remove what we are looking \
for. The original may also note where and when the photo was taken; we use it only to see how the photo was made.

If you no longer have the file, just tell us how the photo came about.

Kind regards,
{parties.writer}
{parties.team}"""
    subject = f"Your photo for “{parties.opening}”: may we have the original file?"
    return Letter(to=parties.email, subject=subject, body=body)


def ask_how_made(parties: Parties) -> Letter:
    body = f"""Dear {parties.applicant},

thank you for your application for “{parties.opening}” and for your photo ({parties.file_name}).

The file itself notes that a picture generator was used. There are many reasons why that can be, so we would like to \
hear from you: how was the picture made, and what was changed in it?

If it was made from a photo of you, please reply with that photo attached, as it came from the phone or camera. If you \
have another recent photo of yourself, that is just as welcome.

Kind regards,
{parties.writer}
{parties.team}"""
    return Letter(to=parties.email, subject=f"Your photo for “{parties.opening}”: how was it made?", body=body)
