"""How often a token may call: a window that slides over a minute, counted in the cache.

Two counters a token, this minute's and the one before it weighed by how much of it still lies within the last sixty
seconds. The counter is raised in one step, so calls at the same moment are all counted; a bucket of tokens that is
read and written back would miss some.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

WINDOW = 60  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """reset: seconds until calls are free again (or would all be)."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> dict[str, str]:
        """draft-ietf-httpapi-ratelimit-headers-06; the later drafts' single field is not yet read by clients."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        return told | ({"Retry-After": str(self.reset)} if self.exceeded else {})


def count_call(token: int) -> Allowance:
    """Counts one call of the token with this primary key."""
    limit, now = settings.API_CALLS_PER_MINUTE, time.time()
    window, passed = divmod(now, WINDOW)
    before = int(cache.get(_key(token, int(window) - 1), 0))
    used = _raise(_key(token, int(window)))
    weighed = before * (1 - passed / WINDOW) + used
    exceeded = weighed > limit
    return Allowance(
        limit=limit,
        remaining=max(0, math.floor(limit - weighed)),
        reset=max(1, math.ceil(WINDOW - passed)),
        exceeded=exceeded,
    )


def _raise(key: str) -> int:
    cache.add(key, 0, timeout=2 * WINDOW)
    try:
        return int(cache.incr(key))
    except ValueError:  # the cache threw it out in between
        cache.set(key, 1, timeout=2 * WINDOW)
        return 1


def _key(token: int, window: int) -> str:
    return f"api-calls:{token}:{window}"
