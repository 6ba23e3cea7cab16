"""How often a stranger may ask: counted by address and minute in the cache, which forgets it."""

from __future__ import annotations

from time import time as clock

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

MINUTE = 60  # seconds


def too_often(request: HttpRequest, what: str, *, a_minute: int) -> bool:
    """Whether this address has asked for `what` more than `a_minute` times within this minute; counts this time too."""
    key = f"pace:{what}:{client_address(request)}:{int(clock()) // MINUTE}"
    cache.add(key, 0, timeout=2 * MINUTE)
    try:
        return int(cache.incr(key)) > a_minute
    except ValueError:  # the cache has forgotten it between the two lines
        return False


def client_address(request: HttpRequest) -> str:
    """Behind PROXY_COUNT proxies, what the outermost of them saw; what a client claims beyond that does not count."""
    proxies: int = settings.PROXY_COUNT
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        return str(forwarded[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))
