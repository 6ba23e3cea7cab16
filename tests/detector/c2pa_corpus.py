"""The labelled files with Content Credentials that others wrote, where ../shared is at hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from detector.trust import TrustLists

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "c2pa"

needs_c2pa_files = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/c2pa is not here")


def rows() -> list[dict[str, str]]:
    """Rows of the manifest: all but the PDFs, which intake refuses."""
    if not FOLDER.is_dir():
        return []
    with (FOLDER / "manifest.csv").open(newline="") as table:
        return [row for row in csv.DictReader(table) if row["format"] != "PDF"]


def bytes_of(row: dict[str, str]) -> bytes:
    return (FOLDER / row["file"]).read_bytes()


def lists() -> TrustLists:
    return TrustLists.from_folder(FOLDER / "trust")
