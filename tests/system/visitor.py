"""A person at the site without a browser: the real forms over HTTP, cookies and CSRF tokens included."""

from __future__ import annotations

import re
from typing import Any

import requests

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Visitor:
    """Keeps a session; every form is fetched before it is sent, as a browser does."""

    def __init__(self, url: str) -> None:
        self.url, self._session = url, requests.Session()

    def get(self, path: str) -> requests.Response:
        return self._session.get(self.url + path, timeout=60)

    def submit(self, page: str, action: str = "", files: Any = None, **fields: str) -> requests.Response:
        """Fills the form of `page` and sends it to `action`, or to the page itself."""
        hidden = dict(HIDDEN.findall(self.get(page).text))
        assert "csrfmiddlewaretoken" in hidden, f"{page} has no form"
        answer = self._session.post(
            self.url + (action or page),
            data=hidden | fields,
            files=files,
            headers={"Referer": self.url + page},
            timeout=120,
        )
        assert answer.status_code < 400, f"{answer.status_code} from {action or page}: {answer.text[-3000:]}"
        return answer

    def sign_in(self, username: str, password: str) -> None:
        answer = self.submit("/sign-in/", username=username, password=password)
        assert answer.url.endswith("/openings/"), f"signed in, and landed at {answer.url}"
