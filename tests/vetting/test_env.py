"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from vetting import env


def test_a_secret_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "key"))
    assert env.text("A_SECRET") == "from the file"
    monkeypatch.setenv("A_SECRET", "from the environment")
    assert env.text("A_SECRET") == "from the environment"


@pytest.mark.parametrize(("value", "meant"), [("1", True), ("Yes", True), ("0", False), ("off", False), ("", False)])
def test_a_flag_is_read_as_people_write_it(value: str, meant: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_FLAG", value)
    assert env.flag("A_FLAG") is meant


def test_lists_and_numbers_have_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_WORDS", " a, b ,,c")
    assert env.words("SOME_WORDS") == ["a", "b", "c"]
    assert env.words("NO_WORDS", "x") == ["x"]
    assert env.number("NO_NUMBER", 7) == 7
    monkeypatch.setenv("A_NUMBER", "12")
    assert env.number("A_NUMBER", 7) == 12
