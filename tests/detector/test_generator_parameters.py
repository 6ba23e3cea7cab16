"""Generator parameters: what each tool leaves, what looks like it but is not, and files that are broken."""

from __future__ import annotations

import gzip
import io
import json
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector.observation import Bearing, Strength
from detector.provenance import embedded_text
from detector.provenance.carried_texts import stealth_text
from detector.provenance.generator_parameters import DETECTOR
from detector.scene import Scene
from detector.trust import TrustLists
from tests.detector.provenance_files import codes, look, only, picture, raw_portrait, saved

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "metadata"
FILES = sorted(SHARED.iterdir()) if SHARED.is_dir() else []
TOOLS = ("AUTOMATIC1111", "ComfyUI", "Fooocus", "InvokeAI", "NovelAI")

RUN = (
    "photo of a duck\nNegative prompt: blurry\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 4711, Size: 512x512, Model hash: 15012c538f, Model: ducks_v2"
)
FLUX = {
    "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux1-dev.safetensors"}},
    "2": {"class_type": "SamplerCustomAdvanced", "inputs": {"noise": ["3", 0], "sigmas": ["4", 0]}},
}
UPSCALE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "me.jpg"}},
    "2": {"class_type": "ImageUpscaleWithModel", "inputs": {"image": ["1", 0]}},
}
INPAINT = FLUX | {"5": {"class_type": "VAEEncodeForInpaint", "inputs": {"pixels": ["1", 0]}}}
FOUND, INPAINTED, REWORKED, WORKFLOW = (
    f"generator_parameters.{name}" for name in ("found", "inpainted", "reworked", "workflow")
)


def comment(text: str, encoding: str) -> Image.Exif:
    data = Image.Exif()
    data.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode(encoding)
    return data


def hidden(text: str, *, packed: bool = True) -> Image.Image:
    """The text in the lowest bits of the alpha channel, column by column."""
    body = gzip.compress(text.encode()) if packed else text.encode()
    head = b"stealth_pngcomp" if packed else b"stealth_pnginfo"
    bits = np.unpackbits(np.frombuffer(head + (8 * len(body)).to_bytes(4, "big") + body, dtype=np.uint8))
    carrier = np.asarray(picture("RGBA", (96, 64))).copy()
    alpha = np.full((64, 96), 255, dtype=np.uint8)
    columns = alpha.T.reshape(-1).copy()
    columns[: len(bits)] = 254 | bits
    carrier[..., 3] = columns.reshape(96, 64).T
    return Image.fromarray(carrier, "RGBA")


def file_of(image: Image.Image, kind: str, **extra: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **extra)
    return target.getvalue()


@pytest.mark.skipif(not FILES, reason="../shared/data/metadata is not here")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_the_corpus_gives_what_its_name_says(file: Path) -> None:
    data = file.read_bytes()
    if not data:
        pytest.skip("an empty file is refused before any detector")
    portrait = raw_portrait(data, "JPEG" if file.suffix == ".jpg" else "PNG")
    sighting = DETECTOR.look(Scene(portrait, TrustLists()))
    tool = file.name.partition("__")[0]
    if file.name == "bad__text_after_idat.png":  # what is bad about it: the parameters stand behind the pixels
        tool = "AUTOMATIC1111"
    if tool in TOOLS:
        assert codes(sighting) == {FOUND}
        assert sighting.details["tool"] == tool
        assert sighting.details["prompt"]
        assert sighting.details["seed"]
    else:
        assert sighting.observations == ()
        assert sighting.details["tool"] is None


@pytest.mark.parametrize(
    "data",
    [
        saved("PNG", texts={"parameters": RUN}),
        saved("JPEG", exif=comment(RUN, "utf-16-be")),
        saved("JPEG", exif=comment(RUN, "utf-16-le")),
        saved("WEBP", exif=comment(RUN, "utf-16-be")),
        file_of(hidden(RUN), "PNG"),
        file_of(hidden(RUN, packed=False), "PNG"),
        file_of(hidden(RUN), "WEBP", lossless=True, exact=True),
    ],
    ids=["PNG text", "EXIF big-endian", "EXIF little-endian", "WebP", "alpha, gzipped", "alpha, plain", "WebP alpha"],
)
def test_a_run_is_found_wherever_it_stands(data: bytes) -> None:
    sighting = look(DETECTOR, data)
    seen = only(sighting, FOUND)
    assert (seen.bearing, seen.strength) == (Bearing.GENERATED, Strength.CONCLUSIVE)
    details = sighting.details
    assert (details["tool"], details["model"], details["seed"]) == ("AUTOMATIC1111", "ducks_v2", "4711")
    assert (details["prompt"], details["negative_prompt"]) == ("photo of a duck", "blurry")
    assert "personal data" in details["warning"]
    assert "duck" not in seen.summary.replace("ducks_v2", "")  # a prompt is for those who open the details


def test_a_newer_graph_is_recognised_by_its_nodes() -> None:
    data = saved("PNG", texts={"prompt": json.dumps(FLUX)})
    sighting = look(DETECTOR, data)
    assert codes(sighting) == {FOUND}
    assert sighting.details["sampler"] == "SamplerCustomAdvanced"


def test_a_graph_in_webp_exif_is_read() -> None:
    data = Image.Exif()
    data[0x0110] = "prompt:" + json.dumps(FLUX)
    data[0x010F] = "workflow:" + json.dumps({"nodes": [], "links": []})
    assert codes(look(DETECTOR, saved("WEBP", exif=data))) == {FOUND}


def test_a_photo_that_was_only_enlarged_is_not_called_generated() -> None:
    data = saved("PNG", texts={"prompt": json.dumps(UPSCALE), "workflow": json.dumps({"links": []})})
    seen = only(look(DETECTOR, data), WORKFLOW)
    assert seen.bearing is Bearing.NEUTRAL


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": RUN.replace("Model: ", "Denoising strength: 0.4, Mask blur: 4, Model: ")},
        {"prompt": json.dumps(INPAINT)},
    ],
    ids=["WebUI", "ComfyUI"],
)
def test_a_repainted_part_is_retouched_not_generated(texts: dict[str, str]) -> None:
    seen = only(look(DETECTOR, saved("PNG", texts=texts)), INPAINTED)
    assert (seen.bearing, seen.strength) == (Bearing.RETOUCHED, Strength.STRONG)


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": "Postprocess upscale by: 2, Postprocess upscaler: R-ESRGAN 4x+"},
        {"parameters": "ISO 200, f/2.8, 1/60 s"},
        {"prompt": "Say cheese"},
        {"prompt": "{}"},
        {"prompt": "[1, 2]"},
        {"workflow": json.dumps({"nodes": []})},
        {"Comment": "Steps to the left of the entrance", "Description": "Portrait", "Source": "Camera"},
        {"Software": "NovelAI fan club"},
        {"Dream": "of a better world"},
        {"sd-metadata": "null"},
        {"invokeai_metadata": "7"},
    ],
    ids=lambda texts: next(iter(texts)),
)
def test_text_that_only_resembles_parameters_says_nothing(texts: dict[str, str]) -> None:
    assert look(DETECTOR, saved("PNG", texts=texts)).observations == ()


def test_one_photos_parameters_are_not_handed_to_the_next() -> None:
    """sd-parsers' own extractor remembers a comment under the id() of a picture that is gone."""
    generated, clean = saved("JPEG", exif=comment(RUN, "utf-16-be")), saved("JPEG")
    for _ in range(50):
        assert codes(look(DETECTOR, generated)) == {FOUND}
        assert look(DETECTOR, clean).observations == ()


@pytest.mark.parametrize("seed", range(12))
def test_random_alpha_says_nothing(seed: int) -> None:
    carrier = np.asarray(picture("RGBA", (96, 64))).copy()
    carrier[..., 3] = np.random.default_rng(seed).integers(0, 256, (64, 96))
    assert look(DETECTOR, file_of(Image.fromarray(carrier, "RGBA"), "PNG")).observations == ()


def test_a_tiny_picture_with_alpha_says_nothing() -> None:
    assert look(DETECTOR, file_of(picture("RGBA", (2, 2)), "PNG")).observations == ()


def test_a_text_that_unpacks_to_fifty_megabytes_is_cut_short() -> None:
    chunk = b"zTXtAIGC\0\0" + zlib.compress(b"x" * 50_000_000)
    plain = saved("PNG")
    at = plain.index(b"IDAT") - 4
    data = plain[:at] + (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") + plain[at:]
    assert len(data) < 100_000
    assert len(embedded_text.png_texts(data)["AIGC"]) == embedded_text.MAX_TEXT


def test_a_hidden_text_that_unpacks_to_fifty_megabytes_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_text, "MAX_TEXT", 1_000)  # as large as fits into a test's alpha channel
    data = file_of(hidden("x" * 5_000), "PNG")
    assert len(stealth_text(raw_portrait(data, "PNG"))) == 1_000


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_gives_an_outcome(seed: int) -> None:
    chance = random.Random(seed)
    sources = [saved("PNG", texts={"parameters": RUN, "prompt": json.dumps(FLUX)}), file_of(hidden(RUN), "PNG")]
    data = bytearray(chance.choice(sources))
    for _ in range(chance.randrange(1, 30)):
        data[chance.randrange(33, len(data))] = chance.randrange(256)
    if seed % 3 == 0:
        del data[chance.randrange(60, len(data)) :]
    sighting = DETECTOR.look(Scene(raw_portrait(bytes(data), "PNG"), TrustLists()))
    assert codes(sighting) <= {FOUND, INPAINTED, REWORKED, WORKFLOW}


def test_deeply_nested_json_gives_an_outcome() -> None:
    nested = "[" * 200_000
    for texts in ({"prompt": nested, "workflow": "{}"}, {"parameters": nested}, {"sd-metadata": nested}):
        assert look(DETECTOR, saved("PNG", texts=texts)).observations == ()


def test_the_same_file_gives_the_same_model_each_time() -> None:
    several = {
        str(number): {
            "class_type": "KSampler",
            "inputs": {"sampler_name": "euler", "steps": 8, "cfg": 4, "seed": number, "model": [f"1{number}", 0]},
        }
        for number in range(1, 6)
    } | {
        f"1{number}": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": f"model{number}"}}
        for number in range(1, 6)
    }
    data = saved("PNG", texts={"prompt": json.dumps(several), "workflow": json.dumps({"links": []})})
    assert {look(DETECTOR, data).details["model"] for _ in range(10)} == {"model1"}
