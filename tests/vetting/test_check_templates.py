"""The template check finds what a browser would only refuse at run time."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from vetting.management.commands.check_templates import complaints


def test_our_templates_pass(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_templates")
    assert "templates compile" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ('<p style="color: red">', "an inline style"),
        ("<style>p {}</style>", "a <style> element"),
        ("<script>alert(1)</script>", "an inline script"),
        ('<a onclick="go()">', "an on… attribute"),
        ('<a hx-on:click="go()">', "an on… attribute"),
        ('<a href="javascript:go()">', "a javascript: address"),
        ('<img src="https://elsewhere.example/a.png">', "something from another site"),
        ('<form method="post"><input></form>', "a POST form without {% csrf_token %}"),
    ],
)
def test_what_the_policy_forbids_is_found_with_its_line(source: str, what: str) -> None:
    assert complaints(f"<p>\n{source}") == [f"2: {what}"]


@pytest.mark.parametrize(
    "source",
    [
        '<script src="a.js" defer></script>',
        '<form method="post">{% csrf_token %}</form>',
        '<form method="get"></form>',
        "<p>How one wears it is a question of style = taste.</p>",
    ],
)
def test_what_is_allowed_passes(source: str) -> None:
    assert complaints(source) == []
