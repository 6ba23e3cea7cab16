"""The validation codes of C2PA in plain words, for a person who wants to know which check said what.

Source: C2PA 2.2, section 15.2 "status codes"; an unknown code is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

CODE_WORDS = {
    # --- passed
    "claimSignature.validated": "The signature is that of the certificate shown.",
    "claimSignature.insideValidity": "The certificate was valid when it signed.",
    "signingCredential.trusted": "The signer's certificate leads to one on a trust list.",
    "signingCredential.ocsp.notRevoked": "An answer carried along says that the certificate was not revoked.",
    "timeStamp.validated": "The timestamp belongs to this signature.",
    "timeStamp.trusted": "The time comes from a timestamp authority on a list.",
    "assertion.hashedURI.match": "The statements are the ones that were signed.",
    "assertion.dataHash.match": "The bytes of the picture are the ones that were signed.",
    "assertion.bmffHash.match": "The bytes of the picture are the ones that were signed.",
    "assertion.boxesHash.match": "The bytes of the picture are the ones that were signed.",
    "assertion.collectionHash.match": "The files of the collection are the ones that were signed.",
    "assertion.multiAssetHash.match": "All parts of the file are the ones that were signed.",
    "assertion.accessible": "A statement kept elsewhere could be read.",
    "ingredient.manifest.validated": "The history of the earlier picture is the one that was taken in.",
    "ingredient.claimSignature.validated": "The signature of the earlier picture is the one that was taken in.",
    # --- for information
    "signingCredential.ocsp.skipped": "Whether the certificate was revoked was not asked: that needs the network.",
    "signingCredential.ocsp.inaccessible": "Whether the certificate was revoked could not be asked.",
    "signingCredential.ocsp.unknown": "The authority does not know whether the certificate was revoked.",
    "timeStamp.untrusted": "The time comes from an authority on no list.",
    "timeStamp.mismatch": "The timestamp does not belong to this signature.",
    "timeStamp.malformed": "The timestamp cannot be read.",
    "timeStamp.outsideValidity": "The timestamp authority's certificate was not valid at that time.",
    "timeOfSigning.insideValidity": "The stated time of signing lies within the certificate's validity.",
    "timeOfSigning.outsideValidity": "The stated time of signing lies outside the certificate's validity.",
    "assertion.dataHash.additionalExclusionsPresent": "A part of the file beside the credentials was left out of the "
    "signature.",
    "ingredient.unknownProvenance": "The picture that was opened came without credentials.",
    # --- failed
    "claim.missing": "The statement of what was signed is missing.",
    "claim.multiple": "There is more than one statement of what was signed.",
    "claim.malformed": "The statement of what was signed does not follow the standard.",
    "claim.cbor.invalid": "The statement of what was signed cannot be read.",
    "claim.hardBindings.missing": "Nothing binds the statement to the bytes of the picture.",
    "claimSignature.missing": "The signature is missing.",
    "claimSignature.mismatch": "The signature does not fit what it is said to have signed.",
    "claimSignature.outsideValidity": "The certificate had run out, or was not valid yet, when it signed.",
    "signingCredential.untrusted": "The signer's certificate leads to none on a trust list in force here.",
    "signingCredential.invalid": "The signer's certificate does not meet the standard's rules.",
    "signingCredential.expired": "The signer's certificate has run out, and no trusted timestamp dates it.",
    "signingCredential.ocsp.revoked": "The signer's certificate was revoked.",
    "signingCredential.revoked": "The signer's certificate was revoked.",
    "manifest.missing": "The history that the file refers to is not in it.",
    "manifest.inaccessible": "The history is kept elsewhere and was not fetched.",
    "manifest.multipleParents": "The history names more than one picture as its parent.",
    "manifest.update.invalid": "An update of the history says more than an update may.",
    "manifest.update.wrongParents": "An update of the history does not name the picture that it updates.",
    "manifest.timestamp.invalid": "A timestamp for the history is not valid.",
    "manifest.timestamp.wrongParents": "A timestamp for the history does not name its picture.",
    "ingredient.manifest.missing": "The history of an earlier picture is named, but not in the file.",
    "ingredient.manifest.mismatch": "The history of an earlier picture is not the one that was taken in.",
    "ingredient.claimSignature.missing": "The signature of an earlier picture is missing.",
    "ingredient.claimSignature.mismatch": "The signature of an earlier picture is not the one that was taken in.",
    "ingredient.hashedURI.mismatch": "A statement about an earlier picture is not the one that was signed.",
    "ingredient.malformed": "What is said of an earlier picture does not follow the standard.",
    "assertion.missing": "A statement that was signed is missing.",
    "assertion.undeclared": "A statement was added that nobody signed.",
    "assertion.inaccessible": "A statement is kept elsewhere and was not fetched.",
    "assertion.notRedacted": "A statement is still there that was to be blacked out.",
    "assertion.selfRedacted": "The history blacks out a statement of its own.",
    "assertion.required.missing": "A statement that the standard asks for is missing.",
    "assertion.json.invalid": "A statement cannot be read.",
    "assertion.cbor.invalid": "A statement cannot be read.",
    "assertion.hashedURI.mismatch": "A statement is not the one that was signed.",
    "assertion.action.malformed": "The list of actions does not follow the standard; common in files from products.",
    "assertion.action.redacted": "An action was blacked out.",
    "assertion.action.ingredientMismatch": "An action names an earlier picture that is not there.",
    "assertion.action.redactionMismatch": "An action says that something was blacked out that was not.",
    "assertion.action.missing": "The list of actions is missing.",
    "assertion.dataHash.mismatch": "The bytes of the picture are not the ones that were signed.",
    "assertion.dataHash.malformed": "The binding to the bytes cannot be read.",
    "assertion.dataHash.redacted": "The binding to the bytes was blacked out.",
    "assertion.bmffHash.mismatch": "The bytes of the picture are not the ones that were signed.",
    "assertion.bmffHash.malformed": "The binding to the bytes cannot be read.",
    "assertion.boxesHash.mismatch": "The bytes of the picture are not the ones that were signed.",
    "assertion.boxesHash.malformed": "The binding to the bytes cannot be read.",
    "assertion.boxesHash.unknownBox": "A part was added to the file that the signature does not cover.",
    "assertion.collectionHash.mismatch": "The files of the collection are not the ones that were signed.",
    "assertion.cloud-data.hardBinding": "The binding to the bytes is kept elsewhere.",
    "assertion.cloud-data.actions": "The list of actions is kept elsewhere.",
    "algorithm.unsupported": "It was signed by a method that the standard does not allow.",
    "algorithm.deprecated": "It was signed by a method that is no longer advised.",
    "hashedURI.missing": "A statement is referred to that is not there.",
    "hashedURI.mismatch": "A statement is not the one that was signed.",
    "general.error": "The reader met an error in the credentials.",
}


def explained(passed: Iterable[str], failed: Iterable[str], history_failed: Iterable[str]) -> list[dict[str, Any]]:
    """The checks as rows to show, failed first: "code", "words", "passed", and "about": "file" or "history"."""
    rows = [("file", False, code) for code in sorted(failed)]
    rows += [("history", False, code) for code in sorted(history_failed)]
    rows += [("file", True, code) for code in sorted(passed)]
    return [
        {"code": code, "words": CODE_WORDS.get(code, ""), "passed": held, "about": about} for about, held, code in rows
    ]
