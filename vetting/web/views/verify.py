"""Whether a report is unchanged and from here: for anybody who holds one, without an account. No file is kept."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from vetting.report.keys import known_keys
from vetting.report.verification import EMPTY, MOST_BYTES, TOO_LARGE, Verification, verify
from vetting.web.answers import answer
from vetting.web.pace import too_often
from vetting.web.views.reports import download

ENVELOPE = 64 * 1024  # bytes of a form around its file
A_MINUTE = 60


# Nothing is changed by asking, so no session's rights can be borrowed for it; and a program may ask as well.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify_page(request: HttpRequest) -> HttpResponse:
    context: dict[str, object] = {"keys": known_keys(), "most": MOST_BYTES}
    if request.method != "POST":
        return answer(request, "verify/verify.html", context)
    if too_often(request, "verify", a_minute=A_MINUTE):
        return _answered(request, context | {"pause": A_MINUTE}, 429)
    found = _verified(request)
    return _answered(request, context | {"found": found}, 413 if found is TOO_LARGE else 200)


@login_not_required
@require_safe
def public_key(request: HttpRequest, key_id: str) -> HttpResponse:
    """As PEM, for those who verify without us."""
    pem = next((key.pem for key in known_keys() if key.id == key_id), None)
    if pem is None:
        raise Http404
    return download(pem.encode(), f"candid-{key_id}.pem", "application/x-pem-file")


def _verified(request: HttpRequest) -> Verification:
    """Reads no more than a report can be; the file stands in a folder for passing files until the answer is given."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + ENVELOPE:
        return TOO_LARGE
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    file = request.FILES.get("report")
    if file is None:
        return EMPTY
    return TOO_LARGE if (file.size or 0) > MOST_BYTES else verify(file.read())


def _answered(request: HttpRequest, context: dict[str, object], status: int) -> HttpResponse:
    response = answer(request, "verify/verify.html", context)
    response.status_code = status
    return response
