"""What to say where a request cannot even be read."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 with a sentence for whoever sent it."""
    sentence = ""
    if isinstance(exception, TooManyFilesSent):
        sentence = (
            f"Those were more than {settings.MAX_PHOTOS_AT_ONCE} files at once. None of them was stored; "
            f"please go back and send at most {settings.MAX_PHOTOS_AT_ONCE} at a time."
        )
    elif isinstance(exception, RequestDataTooBig):
        sentence = "That was more text than a form may hold. Nothing was stored; please go back and shorten it."
    return render(request, "400.html", {"sentence": sentence}, status=400)
