"""Compiles every template, and finds what the Content-Security-Policy or CSRF would stop only in a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError
from django.template.loader import get_template

FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a <style> element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an on… attribute": re.compile(r"<[^>]*\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"""["']\s*javascript:""", re.IGNORECASE),
    "something from another site": re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE),
}
POST_FORM = re.compile(r"<form\b[^>]*method=[\"']post[\"'][^>]*>(.*?)</form>", re.IGNORECASE | re.DOTALL)


def complaints(source: str) -> list[str]:
    """What must not stand in a template, each as 'line: what'."""
    found = [
        f"{source.count(chr(10), 0, hit.start()) + 1}: {what}"
        for what, pattern in FORBIDDEN.items()
        for hit in pattern.finditer(source)
    ]
    found += [
        f"{source.count(chr(10), 0, form.start()) + 1}: a POST form without {{% csrf_token %}}"
        for form in POST_FORM.finditer(source)
        if "{% csrf_token %}" not in form[1]
    ]
    return found


class Command(BaseCommand):
    help = "Compiles every template and looks for inline script, inline style and forms without a CSRF token."

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR) / "templates"
        names = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        wrong = [f"{name}:{complaint}" for name in names for complaint in self.look_at(root, name)]
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{len(names)} templates compile; no inline script or style, every POST form has its token.")

    def look_at(self, root: Path, name: str) -> list[str]:
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            return [f"0: {error}"]
        return complaints((root / name).read_text(encoding="utf-8"))
