"""No face vector is stored, ever, and nothing about a person is inferred: the schema and what real runs store."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from tests import pictures
from tests.conftest import AddPhoto, astronaut, examine_now
from tests.detector import planted_background, planted_skin
from tests.detector.needs import face_models_here
from tests.vetting.booths import agree, take
from tests.vetting.replies import decide
from vetting.booth import comparing as booth_comparing
from vetting.models import Applicant, BoothCheck, Comparison, Photo, User
from vetting.reply import comparing as reply_comparing
from vetting.reply.comparing import request_comparison
from vetting.retention import forget_applicant

ROOT = Path(__file__).resolve().parents[2]

# What a column may be: text, numbers one by one, times, keys to rows; and JSON, whose content is walked below.
KINDS = (
    models.CharField, models.TextField, models.EmailField, models.URLField, models.BooleanField, models.DateTimeField,
    models.IntegerField, models.FloatField, models.GeneratedField, models.ForeignKey, models.ManyToManyField,
    models.JSONField, models.AutoField,
)  # fmt: skip
TELLING = {"embedding", "embeddings", "vector", "vectors", "landmark", "landmarks", "descriptor", "descriptors",
           "template", "templates", "faceprint", "biometric", "encoding", "encodings"}  # fmt: skip
INFERRED = {"age", "ages", "sex", "gender", "race", "racial", "ethnicity", "ethnic", "emotion", "emotions", "mood",
            "attractive", "attractiveness", "beauty", "nationality", "religion"}  # fmt: skip
# Numbers in one list, however nested, that may be stored. The shortest face vectors in use have 128 numbers (dlib); a
# box has four, an outline or a track usually a dozen.
MOST = 24
# Longer lists, and why none of them is a face vector: each is drawn on the photo, or is the photo's, whoever is in it.
LONGER = {
    r"\bregion\.points$": "the outline of the place that a finding is about, in the photo's pixels",
    r"\bfigure\.(seen|expected)$": "a line of the background as it runs and as it should, in the photo's pixels",
    r"\bfigure\.heat\.values$": "a coarse grid of where in the photo a trace is strong",
}
ROWS = ("Analysis", "Finding", "Comparison", "BoothCheck", "Event", "Tombstone")


def rows_of(model: type[models.Model]) -> Iterator[tuple[str, Any]]:
    """The JSON of every row, with the names of model and column."""
    for field in model._meta.get_fields():
        if isinstance(field, models.JSONField):
            for value in model._default_manager.values_list(field.name, flat=True):
                yield f"{model.__name__}.{field.name}", value


def walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every part of a JSON value, with the way to it; of lists all items have the list's own way."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, path)


def numbers_in(value: Any) -> int:
    """How many numbers a list is made of, if it is made of nothing else; else 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | list):
        return 0
    if not isinstance(value, list):
        return 1
    counts = [numbers_in(each) for each in value]
    return sum(counts) if all(counts) else 0


def tokens(name: str) -> set[str]:
    """head_shape.jawWidth -> head, shape, jaw, width."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return set(re.split(r"[^a-z]+", apart.lower())) - {""}


# --- the schema


def test_no_column_can_hold_a_vector_and_none_is_named_for_one() -> None:
    for model in apps.get_app_config("vetting").get_models():
        for field in model._meta.get_fields():
            if not getattr(field, "concrete", False):
                continue
            assert isinstance(field, KINDS), f"{model.__name__}.{field.name} is a {type(field).__name__}"
            assert not tokens(field.name) & TELLING, f"{model.__name__}.{field.name}"


@pytest.mark.django_db
def test_the_database_itself_has_no_such_column_either() -> None:
    """Whatever a migration may have made beside the models."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("vetting_"):
                for column in connection.introspection.get_table_description(cursor, table):
                    assert not tokens(column.name) & TELLING, f"{table}.{column.name}"
                    kind = connection.introspection.get_field_type(column.type_code, column)
                    assert "Binary" not in str(kind), f"{table}.{column.name}"


# --- what real runs store


@pytest.fixture
def stored(add_photo: AddPhoto, applicant: Applicant, alice: User, bob: User, team: Any) -> None:
    """An examination, a comparison and a booth check of a real portrait, events, and the receipt of an erasure."""
    planted = (planted_skin.smoothed(1.0), planted_background.shelf(bend=0.15))
    for n, rgb in enumerate(planted):
        examine_now(add_photo(pictures.encoded(rgb, "JPEG", quality=95), name=f"planted-{n}.jpg"))
    photo = add_photo(astronaut())
    original = add_photo(astronaut(quality=97), name="DSC_1.jpg")
    for each in (photo, original):
        examine_now(each)
    reply_comparing.run(request_comparison(photo=photo, original=original, by=alice).pk)
    agree(applicant, alice)
    booth_comparing.run(take(photo, alice, astronaut(quality=80)).pk)
    decide(applicant, bob)
    other = Applicant.objects.create(opening=applicant.opening, name="Somebody", created_by=alice)
    Photo.objects.filter(pk=add_photo(astronaut(quality=70), name="b.jpg").pk).update(applicant=other)
    forget_applicant(applicant=other, by=alice)


@face_models_here
@pytest.mark.django_db
def test_what_real_runs_store_is_no_vector_and_says_nothing_of_what_a_person_is(stored: None) -> None:
    """Long lists of numbers are drawn on the photo; of two faces compared there is no list of numbers at all."""
    check = BoothCheck.objects.get()
    assert (Comparison.objects.get().state, check.state) == ("done", "done"), check.error
    assert check.result["differences"]
    assert not any(isinstance(part, list) and numbers_in(part) for _, part in walk(check.result, ""))
    looked = set()
    for name in ROWS:
        for column, value in rows_of(apps.get_model("vetting", name)):
            looked.add(name)
            for path, part in walk(value, column):
                _no_vector(path, part)
                _nothing_inferred(path, part)
    assert looked == set(ROWS)


def _no_vector(path: str, part: Any) -> None:
    if isinstance(part, list) and numbers_in(part) > MOST:
        assert any(re.search(known, path) for known in LONGER), f"{path}: {numbers_in(part)} numbers"


def _nothing_inferred(path: str, part: Any) -> None:
    said = tokens(path) | (tokens(part) if isinstance(part, str) and path.endswith(".code") else set())
    assert not said & (INFERRED | TELLING), path


def test_the_check_would_notice_a_vector() -> None:
    assert numbers_in([0.1] * 128) == 128
    assert numbers_in([[1, 2], [3, 4]]) == 4
    assert numbers_in([{"x": 1}]) == 0
    assert tokens("result.face.jawLandmarks") & TELLING
    assert any(numbers_in(part) > MOST for _, part in walk({"face": {"print": [0.5] * 128}}, "x"))


# --- the code


NO_PERSON = {"trust_facts.py", "trust.py"}  # the age of a list of signers


def names_in(path: Path) -> Iterator[str]:
    """What a module calls its functions, classes and arguments, and its codes: strings like skin.smooth."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Constant) and re.fullmatch(r"[a-z_-]+(\.[a-z_-]+)+", str(node.value)):
            yield str(node.value)


def test_no_detector_infers_age_sex_race_emotion_or_attractiveness() -> None:
    modules = [path for path in (ROOT / "detector").rglob("*.py") if path.name not in NO_PERSON]
    assert len(modules) > 50
    for path in modules:
        for name in names_in(path):
            assert not tokens(name) & INFERRED, f"{path.relative_to(ROOT)}: {name}"


# --- groups that candidates name themselves


KNOWS = {
    "models/fairness.py": "the row itself",
    "models/__init__.py": "its name among the others",
    "fairness/reporting.py": "what the candidate's page writes and takes back",
    "fairness/tallies.py": "into counts, when an applicant goes",
    "fairness/counting.py": "into counts",
    "keeping/erasing.py": "deletes it",
    "keeping/stored.py": "says that it stands in nobody's copy",
}


def test_a_self_report_is_joined_nowhere_but_in_the_counting() -> None:
    found = set()
    for path in (ROOT / "vetting").rglob("*.py"):
        if "migrations" in path.parts:
            continue
        if re.search(r"\bSelfReport\b|self_?reports?\b", path.read_text(encoding="utf-8"), re.IGNORECASE):
            found.add(str(path.relative_to(ROOT / "vetting")))
    assert found - {"report/__init__.py"} <= set(KNOWS), f"say why these know of it: {sorted(found - set(KNOWS))}"


def test_no_template_reaches_a_self_report() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        assert "self_report" not in path.read_text(encoding="utf-8"), path
