"""Our own parsers, each as a function of bytes that must raise nothing, and the whole inputs that it starts from.

Imported with atheris' instrumentation, so that libFuzzer sees which branches an input reaches.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import c2pa

from detector.observation import CouldNotLook
from detector.portrait import PictureError, read_portrait
from detector.provenance import comfy_graph, embedded_text, generator_parameters, run_parameters, xmp
from detector.provenance.embedded_thumbnail import packed_thumbnail
from detector.provenance.file_metadata import read_metadata
from detector.provenance.jpeg_structure import read_structure
from detector.provenance.manifest_store import read_store
from tests.detector.provenance_files import raw_portrait
from tools.fuzz.wholes import wholes
from vetting.bulk.archive import Archive, clean_path
from vetting.bulk.naming import name_from
from vetting.bulk.table import TEMPLATE, CannotRead, read_table
from vetting.intake import Refused

LARGEST = 8192  # bytes of an input: libFuzzer finds more with small ones
GUID = "A" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """parse: raises for no input at all, or the input is kept. seeds: what it is for. words: what its inputs have."""

    parse: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[str, ...] = ()


def _structure(data: bytes) -> None:
    found = read_structure(data)
    _ = found.subsampling, found.digest, found.luminance_coded


def _xmp(data: bytes) -> None:
    xmp.parse(data)
    xmp.extended(data, GUID)


def _store(data: bytes) -> None:
    """As manifest_reader.py calls it, which knows these four."""
    with suppress(KeyError, TypeError, ValueError, RecursionError):
        for manifest in read_store(json.loads(data)).manifests:
            _ = [(manifest.is_generated(step), manifest.is_composite(step)) for step in manifest.steps]


def _parameters(data: bytes) -> None:
    key, _, text = data.decode("utf-8", errors="replace").partition("\n")
    found = generator_parameters.parse({key: text, "parameters": text})
    if found:
        run_parameters.rows(found)
        run_parameters.denoising_strength(found)


def _graph(data: bytes) -> None:
    texts = {"prompt": data.decode("utf-8", errors="replace"), "workflow": data.decode("latin-1")}
    comfy_graph.too_large(texts)
    if nodes := comfy_graph.nodes_of(texts):
        run_parameters.rows(comfy_graph.read(nodes))


def _texts(data: bytes) -> None:
    texts = embedded_text.png_texts(b"\x89PNG\r\n\x1a\n" + data)
    embedded_text.raw_profile({**texts, "Raw profile type exif": data.decode("latin-1")}, "exif")
    embedded_text.user_comment(data)


def _metadata(data: bytes) -> None:
    read_metadata(raw_portrait(data, "JPEG"))


def _header(data: bytes) -> None:
    with suppress(PictureError, CouldNotLook):
        read_portrait(data)


def _table(data: bytes) -> None:
    with suppress(CannotRead):
        _ = read_table(data).remark


def _archive(data: bytes) -> None:
    with suppress(CannotRead):
        archive = Archive(io.BytesIO(data))
        for entry in archive.entries():
            with suppress(Refused):
                archive.read(entry.path, 100_000)


def _name(data: bytes) -> None:
    path, _ = clean_path(data.decode("utf-8", errors="replace"))
    name_from(path)


def _small(*heads: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: [whole for whole in wholes().small if whole.startswith(heads) and len(whole) <= LARGEST]


def _stores() -> Iterable[bytes]:
    for kind, data in wholes().signed[:40]:
        with suppress(c2pa.C2paError):
            yield c2pa.Reader(f"image/{kind.lower()}", io.BytesIO(data)).json().encode()


def _packets() -> Iterable[bytes]:
    for whole in _small(b"\xff\xd8")():
        at, end = whole.find(b"<x:xmpmeta"), whole.find(b"</x:xmpmeta>")
        yield whole[at : end + 12] if 0 < at < end else whole


def _archives() -> Iterable[bytes]:
    from tests.vetting.archives import with_link, zipped

    yield from (zipped({"Eileen Collins.jpg": b"x", "people.csv": TEMPLATE.encode()}), with_link("a.jpg", "/etc"))


def _prompts() -> Iterable[bytes]:
    for whole in _small(b"\x89PNG")():
        yield from (f"{key}\n{text}".encode() for key, text in embedded_text.png_texts(whole).items())


PNG, JPEG = b"\x89PNG", b"\xff\xd8"
JSON = ('{"', '":', '"class_type":', '"inputs":', "[", "null", "1e999")
PARSERS = {
    "jpeg_structure": Parser(parse=_structure, seeds=_small(JPEG)),
    "xmp": Parser(parse=_xmp, seeds=_packets, words=("<rdf:li", "xmpMM:History", "<!DOCTYPE", "&a;", "xmlns:")),
    "manifest_store": Parser(
        parse=_store, seeds=_stores, words=('"manifests"', '"active_manifest"', '"ingredients"', "[]", "null", "{}")
    ),
    "generator_parameters": Parser(
        parse=_parameters, seeds=_prompts, words=("Steps: ", "Negative prompt: ", "<lora:", "Lora hashes: ", "prompt\n")
    ),
    "comfy_graph": Parser(parse=_graph, seeds=lambda: (one.partition(b"\n")[2] for one in _prompts()), words=JSON),
    "embedded_text": Parser(
        parse=_texts,
        seeds=lambda: (one[8:] for one in _small(PNG)()),
        words=("tEXt", "zTXt", "iTXt", "eXIf", "UNICODE"),
    ),
    "embedded_thumbnail": Parser(
        parse=packed_thumbnail,
        seeds=lambda: (one[one.find(b"Exif\0\0") + 6 :] for one in _small(JPEG)() if b"Exif\0\0" in one),
        words=("II*", "MM"),
    ),
    "file_metadata": Parser(parse=_metadata, seeds=_small(JPEG, PNG, b"RIFF", b"II", b"MM")),
    "portrait": Parser(parse=_header, seeds=_small(JPEG, PNG, b"RIFF")),
    "table": Parser(
        parse=_table, seeds=lambda: [TEMPLATE.encode(), b'sep=;\nName;File\n"a";b'], words=("name", "file", '"')
    ),
    "archive": Parser(parse=_archive, seeds=_archives, words=("PK",)),
    "naming": Parser(
        parse=_name, seeds=lambda: [b"Cast/eileen-collins_01 (2).jpg", b"Collins, Eileen.jpg", b"../a.jpg"]
    ),
}
