"""Nothing is fetched: no file, whatever address stands in it, makes a reader open a connection."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import c2pa
import pytest

from detector.provenance.content_credentials import DETECTOR
from detector.scene import Scene
from tests.detector.c2pa_corpus import FOLDER, bytes_of, lists, needs_c2pa_files, rows
from tests.detector.provenance_files import known, look, portrait_of, signed, stranger
from vetting.demo.credentials import created

CAPTURE = created("digitalCapture")
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux' seccomp to forbid sockets")


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A local server's address, and the paths that were asked of it."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/manifest.c2pa", asked
        finally:
            server.shutdown()
            thread.join()


def test_an_address_inside_the_picture_is_not_asked() -> None:
    with listening() as (address, asked):
        data = signed(CAPTURE, by=stranger(), remote_url=address)
        assert address.encode() in data
        found = look(DETECTOR, data, known()).details
        assert found["state"] == "remote"
        assert asked == []
        # The library asks by default: were the settings not honoured, the list would not have stayed empty.
        with contextlib.suppress(c2pa.C2paError):
            c2pa.Reader.try_create("image/jpeg", io.BytesIO(data))
        assert asked == ["/manifest.c2pa"]
    assert address not in json.dumps(found)


def readdressed(data: bytes, address: str) -> bytes:
    """The file with every address that is long enough turned into the local one, its length kept."""

    def local(match: re.Match[bytes]) -> bytes:
        return address.encode().ljust(len(match[0]), b"x") if len(match[0]) >= len(address) else match[0]

    return re.sub(rb"https?://[A-Za-z0-9.:/_~%+-]{8,}", local, data)


@needs_c2pa_files
def test_no_address_in_any_file_of_the_corpus_is_asked() -> None:
    """Every address in the file is made to lead here: of a store kept elsewhere, of a certificate's authority, …"""
    with listening() as (address, asked):
        readdressed_files = [readdressed(bytes_of(row), address) for row in rows()]
        assert sum(address.encode() in data for data in readdressed_files) > 50
        for data in readdressed_files:
            DETECTOR.look(Scene(portrait_of(data), lists()))
        assert asked == []
        remote = [data for row, data in zip(rows(), readdressed_files, strict=True) if row["state"] == "remote"]
        for data in remote:
            with contextlib.suppress(c2pa.C2paError):
                c2pa.Reader.try_create(portrait_of(data).mime, io.BytesIO(data))
        assert asked  # some of them would have been


def examined(reader: str, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.detector.no_network", reader, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@on_linux
@pytest.mark.parametrize("where", ["remote", "embedded"])
def test_no_socket_is_opened(where: str, tmp_path: Path) -> None:
    address = "http://127.0.0.1:9/manifest.c2pa" if where == "remote" else ""
    file = tmp_path / "picture.jpg"
    file.write_bytes(signed(CAPTURE, by=stranger(), remote_url=address))
    ours = examined("ours", file)
    if ours.stdout.strip() == "unsupported":
        pytest.skip("this kernel or container takes no seccomp filter")
    assert (ours.returncode, ours.stdout.strip()) == (0, "remote" if where == "remote" else "unknown-signer")
    if where == "remote":
        assert examined("library", file).returncode == -31  # SIGSYS: the filter does bite


@on_linux
@needs_c2pa_files
def test_no_file_of_the_corpus_makes_the_provenance_wing_open_a_socket() -> None:
    ours = examined("ours", *(FOLDER / row["file"] for row in rows()))
    if ours.stdout.strip() == "unsupported":
        pytest.skip("this kernel or container takes no seccomp filter")
    assert ours.returncode == 0, ours.stderr[-2000:]
    assert len(ours.stdout.split()) == len(rows())
