"""The names by which editing programs and picture generators go, as they write them into files."""

from __future__ import annotations

import re

EDITOR = re.compile(
    r"\b(?:"
    r"photoshop|lightroom|camera raw|gimp|affinity|capture one|pixelmator|luminar|darktable|rawtherapee|"
    r"paint\.net|paint shop|paintshop|picasa|snapseed|canva|picsart|vsco|photoscape|fotor|befunky|acdsee|dxo|on1|"
    r"polarr|instagram|facetune|faceapp|meitu|beautyplus|youcam|airbrush|perfect365|remini|facelab|peachy|lensa|"
    r"evoto|photoroom|topaz|portraitpro|photodirector|photo editor|photopea|acorn|krita|inkscape|illustrator|"
    r"imagemagick|graphicconverter|shotwell|digikam|gthumb|iphoto|photos \d"
    r")",
    re.IGNORECASE,
)
GENERATOR = re.compile(
    r"midjourney|dall[-·. ]?e\b|stable diffusion|novelai|adobe firefly|comfyui|invokeai|fooocus|leonardo\.ai|ideogram|"
    r"\bdraw things\b",
    re.IGNORECASE,
)
