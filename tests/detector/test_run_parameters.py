"""What a run's parameters say and how they are shown: other tools, where it began, rows of settings, odd values."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import pytest

from detector.observation import Bearing
from detector.provenance.generator_parameters import DETECTOR
from tests.detector.provenance_files import codes, look, only, saved
from tests.detector.test_generator_parameters import FLUX, FOUND, INPAINTED, REWORKED, RUN, WORKFLOW, comment

SWARM = {
    "prompt": "photo of a duck",
    "negativeprompt": "blurry",
    "model": "OfficialStableDiffusion/sd_xl_base_1.0",
    "seed": 4711,
    "steps": 20,
    "cfgscale": 7.0,
    "width": 832,
    "height": 1216,
    "loras": ["duck_face"],
    "swarm_version": "0.9.3.1",
}
EASY = {
    "prompt": "photo of a duck",
    "negative_prompt": "blurry",
    "seed": "4711",
    "use_stable_diffusion_model": "sd-v1-5",
    "num_inference_steps": "20",
    "guidance_scale": "7.5",
    "sampler_name": "euler_a",
    "width": "512",
    "height": "512",
    "use_lora_model": "duck_face",
}
EASY_SPELT_OUT = {
    "Prompt": "photo of a duck",
    "Negative Prompt": "blurry",
    "Seed": 4711,
    "Stable Diffusion model": "sd-v1-5",
    "Steps": 20,
    "Guidance Scale": 7.5,
    "LoRA model": ["duck_face"],
    "Sampler": "euler_a",
    "Prompt Strength": 0.5,
}
DRAW_THINGS = {
    "c": "photo of a duck",
    "uc": "blurry",
    "model": "sd_v1.5_f16.ckpt",
    "seed": 4711,
    "steps": 20,
    "scale": 7.5,
    "sampler": "DPM++ 2M Karras",
    "size": "512x512",
    "strength": 1.0,
    "lora": [{"model": "duck_face", "weight": 0.6}],
}


def drawn_things(run: dict[str, object], tool: str = "Draw Things") -> bytes:
    """A PNG whose XMP carries the JSON where Draw Things puts it."""
    text = json.dumps(run).replace("&", "&amp;").replace("<", "&lt;")
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        f'xmlns:exif="http://ns.adobe.com/exif/1.0/"><xmp:CreatorTool>{tool}</xmp:CreatorTool><exif:UserComment>'
        f'<rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></exif:UserComment></rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    )
    return saved("PNG", texts={"XML:com.adobe.xmp": packet})


SWARM_TEXT = json.dumps({"sui_image_params": SWARM, "sui_extra_data": {"date": "2026-03-14"}})


@pytest.mark.parametrize(
    ("data", "tool", "model"),
    [
        (saved("PNG", texts={"parameters": SWARM_TEXT}), "SwarmUI", "OfficialStableDiffusion/sd_xl_base_1.0"),
        (saved("JPEG", exif=comment(SWARM_TEXT, "utf-16-be")), "SwarmUI", "OfficialStableDiffusion/sd_xl_base_1.0"),
        (saved("PNG", texts=EASY), "Easy Diffusion", "sd-v1-5"),
        (saved("JPEG", exif=comment(json.dumps(EASY), "utf-16-le")), "Easy Diffusion", "sd-v1-5"),
        (saved("WEBP", exif=comment(json.dumps(EASY_SPELT_OUT), "utf-16-le")), "Easy Diffusion", "sd-v1-5"),
        (drawn_things(DRAW_THINGS), "Draw Things", "sd_v1.5_f16.ckpt"),
    ],
    ids=["SwarmUI PNG", "SwarmUI JPEG", "Easy Diffusion PNG", "Easy Diffusion JPEG", "spelt out", "Draw Things"],
)
def test_a_tool_that_the_library_does_not_know_is_read(data: bytes, tool: str, model: str) -> None:
    sighting = look(DETECTOR, data)
    assert tool in only(sighting, FOUND).summary
    details = sighting.details
    assert (details["tool"], details["model"], details["seed"]) == (tool, model, "4711")
    assert (details["prompt"], details["negative_prompt"]) == ("photo of a duck", "blurry")
    assert details["loras"] == ["duck_face"]
    assert "personal data" in details["warning"]
    assert {"name": "Steps", "value": "20"} in details["settings"]


@pytest.mark.parametrize(
    "data",
    [
        saved("PNG", texts={"parameters": json.dumps({"sui_image_params": {"swarm_version": "1"}})}),
        saved("PNG", texts={"parameters": json.dumps({"sui_image_params": "none"})}),
        saved("PNG", texts={"prompt": "a poem", "seed": "pumpkin"}),
        saved("PNG", texts={"Prompt": "Say cheese", "Steps": "2", "Seed": "3"}),
        drawn_things(DRAW_THINGS, tool="We draw things"),
        drawn_things({"c": "a comment"}),
        drawn_things({}, tool="Draw Things fan page"),
    ],
    ids=["no run", "no mapping", "a poem", "no model", "another tool", "no seed", "a fan"],
)
def test_text_that_only_resembles_those_tools_says_nothing(data: bytes) -> None:
    assert look(DETECTOR, data).observations == ()


@pytest.mark.parametrize(
    ("more", "tool"),
    [
        ("Version: v1.10.1", "AUTOMATIC1111"),
        ("Version: f2.0.1v1.10.1", "Forge"),
        ("App: SD.Next", "SD.Next"),
        ("Version: Fooocus v2.5.0", "Fooocus"),
    ],
)
def test_what_writes_the_webuis_format_is_named(more: str, tool: str) -> None:
    assert look(DETECTOR, saved("PNG", texts={"parameters": f"{RUN}, {more}"})).details["tool"] == tool


def graph(*more: Mapping[str, object], latent: str) -> dict[str, object]:
    """A ComfyUI graph whose sampler starts from the node of this number."""
    nodes: dict[str, object] = {
        "1": {
            "class_type": "KSampler",
            "inputs": {"sampler_name": "euler", "steps": 8, "cfg": 4, "seed": 4711, "denoise": 0.6}
            | {"model": ["2", 0], "latent_image": [latent, 0]},
        },
        "2": {"class_type": "LoraLoader", "inputs": {"lora_name": "duck_face.safetensors", "model": ["3", 0]}},
        "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "ducks_v2.safetensors"}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 832, "height": 1216, "batch_size": 1}},
        "5": {"class_type": "LoadImage", "inputs": {"image": "me.jpg"}},
        "6": {"class_type": "ImageScale", "inputs": {"image": ["5", 0]}},
        "7": {"class_type": "VAEEncode", "inputs": {"pixels": ["6", 0], "vae": ["3", 2]}},
    }
    if latent == "4":
        nodes = {number: node for number, node in nodes.items() if number not in {"5", "6", "7"}}
    return nodes | {str(9 + number): node for number, node in enumerate(more)}


FROM_A_PHOTO = RUN.replace("Size:", "Denoising strength: 0.7, Size:")
FACE = {"class_type": "LoadImage", "inputs": {"image": "me.jpg"}}


def invoke(mode: str, **more: object) -> dict[str, str]:
    run = {"generation_mode": mode, "positive_prompt": "a duck", "scheduler": "euler", "seed": 1, "steps": 2}
    return {"invokeai_metadata": json.dumps(run | more)}


def novel(request: str) -> dict[str, str]:
    run = {"sampler": "k_euler", "seed": 1, "steps": 2, "scale": 5, "uc": "", "request_type": request}
    return {"Software": "NovelAI", "Source": "NovelAI Diffusion V4 4F49EC75", "Description": "a duck"} | {
        "Comment": json.dumps(run)
    }


@pytest.mark.parametrize(
    ("texts", "began"),
    [
        ({"parameters": RUN}, False),
        ({"parameters": FROM_A_PHOTO}, True),
        ({"parameters": FROM_A_PHOTO + ", Hires upscale: 2, Hires upscaler: Latent"}, False),
        ({"parameters": RUN + ', ControlNet 0: "Module: reference_only"'}, None),
        ({"parameters": RUN + ", Version: Fooocus v2.5.0"}, None),
        ({"prompt": json.dumps(graph(latent="4")), "workflow": json.dumps({"links": []})}, False),
        ({"prompt": json.dumps(graph(latent="7")), "workflow": json.dumps({"links": []})}, True),
        ({"prompt": json.dumps(graph(FACE, latent="4")), "workflow": json.dumps({"links": []})}, None),
        (invoke("sdxl_txt2img"), False),
        (invoke("flux_img2img"), True),
        (invoke("txt2img", ipAdapters=[{"image": {"image_name": "1.png"}}]), None),
        (novel("PromptGenerateRequest"), False),
        (novel("Img2ImgRequest"), True),
        (novel("SomethingNew"), None),
        ({"parameters": SWARM_TEXT}, None),
        ({"parameters": json.dumps({"sui_image_params": SWARM | {"initimagecreativity": 0.6}})}, True),
        ({"parameters": json.dumps(EASY | {"init_image": "data"})}, True),
    ],
)
def test_whether_a_run_began_from_a_picture_is_said_where_the_parameters_tell(
    texts: dict[str, str], began: bool | None
) -> None:
    sighting = look(DETECTOR, saved("PNG", texts=texts))
    assert sighting.details["from_photo"] is began
    assert ("starting from an existing picture" in only(sighting, FOUND).summary) == (began is True)


@pytest.mark.parametrize(
    ("strength", "code"),
    [
        ("0.2", REWORKED),
        ("0.49", REWORKED),
        ("0.5", FOUND),
        ("0.9", FOUND),
        ("7", FOUND),
        ("-1", FOUND),
        ("nan", FOUND),
    ],
)
def test_a_picture_that_was_only_reworked_is_retouched_not_generated(strength: str, code: str) -> None:
    run = FROM_A_PHOTO.replace("0.7", strength)
    seen = only(look(DETECTOR, saved("PNG", texts={"parameters": run})), code)
    assert (seen.bearing is Bearing.RETOUCHED) == (code == REWORKED)


def test_a_strength_without_a_picture_to_begin_from_is_no_reworking() -> None:
    run = FROM_A_PHOTO.replace("0.7", "0.2") + ", Hires upscale: 2, Hires upscaler: Latent"
    assert only(look(DETECTOR, saved("PNG", texts={"parameters": run})), FOUND).bearing is Bearing.GENERATED


@pytest.mark.parametrize(
    "texts", [novel("NativeInfillingRequest"), invoke("sdxl_inpaint")], ids=["NovelAI", "InvokeAI"]
)
def test_a_part_repainted_by_other_tools_is_retouched_too(texts: dict[str, str]) -> None:
    sighting = look(DETECTOR, saved("PNG", texts=texts))
    assert only(sighting, INPAINTED).bearing is Bearing.RETOUCHED
    assert sighting.details["from_photo"] is True


def test_settings_are_rows_in_the_pages_order_with_names_for_people() -> None:
    run = FROM_A_PHOTO.replace("photo of a duck", "photo of a duck <lora:duck_face:0.8>")
    run += ', Clip skip: 2, Lora hashes: "duck_face: 1a2b3c, soft light: 4d5e6f", Version: v1.10.1'
    details = look(DETECTOR, saved("PNG", texts={"parameters": run})).details
    assert [(row["name"], row["value"]) for row in details["settings"]] == [
        ("Model", "ducks_v2"),
        ("LoRA", "duck_face, soft light"),
        ("Sampler", "Euler a"),
        ("Steps", "20"),
        ("CFG scale", "7"),
        ("Seed", "4711"),
        ("Size", "512x512"),
        ("Denoising strength", "0.7"),
        ("CLIP skip", "2"),
        ("Version", "v1.10.1"),
    ]


def test_a_graphs_settings_are_rows_as_well() -> None:
    texts = {"prompt": json.dumps(graph(latent="4")), "workflow": json.dumps({"links": []})}
    rows = {row["name"]: row["value"] for row in look(DETECTOR, saved("PNG", texts=texts)).details["settings"]}
    assert rows["LoRA"] == "duck_face.safetensors"
    assert (rows["Size"], rows["Steps"], rows["Seed"]) == ("832x1216", "8", "4711")
    assert (rows["Denoising strength"], rows["CFG scale"]) == ("0.6", "4")


def test_behind_a_lora_the_checkpoint_is_still_named() -> None:
    texts = {"prompt": json.dumps(graph(latent="4")), "workflow": json.dumps({"links": [[1, 2, 0, 1, 0, "MODEL"]]})}
    details = look(DETECTOR, saved("PNG", texts=texts)).details
    assert (details["model"], details["loras"]) == ("ducks_v2.safetensors", ["duck_face.safetensors"])


@pytest.mark.parametrize("odd", [["a"], {"b": 1}, 7, None, True])
def test_values_of_a_strange_kind_give_an_outcome(odd: object) -> None:
    strange = {"positive_prompt": odd, "negative_prompt": odd, "model": {"model_name": odd}, "loras": odd, "seed": odd}
    runs = (
        invoke("txt2img", **strange),
        {"parameters": json.dumps({"sui_image_params": dict.fromkeys(SWARM, odd)})},
        {"parameters": json.dumps(dict.fromkeys(EASY, odd))},
        {
            "prompt": json.dumps({"1": {"class_type": "KSampler", "inputs": odd}}),
            "workflow": json.dumps({"links": odd}),
        },
        {"prompt": json.dumps({"1": {"class_type": "KSampler", "inputs": dict.fromkeys(("seed", "text"), odd)}})},
    )
    for texts in runs:
        assert codes(look(DETECTOR, saved("PNG", texts=texts))) <= {FOUND, WORKFLOW}
    assert codes(look(DETECTOR, drawn_things(dict.fromkeys(DRAW_THINGS, odd)))) <= {FOUND}


def test_a_newer_graph_gives_its_model_seed_and_prompt() -> None:
    newer = FLUX | {
        "3": {"class_type": "RandomNoise", "inputs": {"noise_seed": 4711}},
        "4": {"class_type": "BasicScheduler", "inputs": {"scheduler": "simple", "steps": 20, "denoise": 1.0}},
        "5": {"class_type": "CLIPTextEncode", "inputs": {"text": "photo of a duck", "clip": ["6", 0]}},
    }
    details = look(DETECTOR, saved("PNG", texts={"prompt": json.dumps(newer)})).details
    assert (details["model"], details["seed"]) == ("flux1-dev.safetensors", "4711")
    assert details["prompt"] == "photo of a duck"
    assert {"name": "Steps", "value": "20"} in details["settings"]


def test_names_of_pictures_and_people_do_not_stand_among_the_settings() -> None:
    texts = {"prompt": json.dumps(graph(FACE, latent="7")), "workflow": json.dumps({"links": []})}
    assert "me.jpg" not in json.dumps(dict(look(DETECTOR, saved("PNG", texts=texts)).details))


def test_a_graph_that_would_take_minutes_is_not_walked() -> None:
    """Each sampler of a graph walks all that leads to it: time grows with the square."""
    count = 6_000
    sampler = {"sampler_name": "euler", "steps": 8, "cfg": 4, "model": ["0", 0], "positive": ["0", 0]}
    nodes = {str(number): {"class_type": "KSampler", "inputs": sampler} for number in range(count)}
    links = [[number, 0, 0, number, 0, "MODEL"] for number in range(count)]
    texts = {"prompt": json.dumps(nodes), "workflow": json.dumps({"links": links})}
    began = time.perf_counter()
    look(DETECTOR, saved("PNG", texts=texts))
    assert time.perf_counter() - began < 2


def test_details_stay_small_whatever_the_file_holds() -> None:
    many = ", ".join(f"Field {number}: {'x' * 60}" for number in range(3_000))
    loras = " ".join(f"<lora:face {number}:1>" for number in range(500))
    texts = {"parameters": f"{'duck ' * 50_000}{loras}\n{RUN.splitlines()[-1]}, {many}"}
    sighting = look(DETECTOR, saved("PNG", texts=texts))
    assert codes(sighting) == {FOUND}
    assert len(json.dumps(dict(sighting.details))) < 20_000
    assert len(sighting.details["settings"]) <= 30
