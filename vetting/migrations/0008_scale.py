"""What lists of 100,000 applicants are read off: searched text, the queue's place and indexes (docs/scale.md)."""

from django.db import migrations, models
from django.db.models import Case, F, OuterRef, Subquery, Value, When

from vetting.models.derived import SEARCHED, search_text

BATCH = 2000
PLACE = Case(
    When(looked_blind=True, then=Value(20)),
    default=F("verdict_rank") * Value(5)
    - Case(
        When(verdict_strength="weak", then=Value(1)),
        When(verdict_strength="moderate", then=Value(2)),
        When(verdict_strength="strong", then=Value(3)),
        When(verdict_strength="conclusive", then=Value(4)),
        default=Value(0),
        output_field=models.SmallIntegerField(),
    ),
    output_field=models.SmallIntegerField(),
)


def fill(apps, schema_editor):
    """The two columns of applicants that are there already; row by row, in one prepared statement."""
    applicants = apps.get_model("vetting", "Applicant").objects.using(schema_editor.connection.alias)
    openings = apps.get_model("vetting", "Opening").objects.using(schema_editor.connection.alias)
    blind = openings.filter(pk=OuterRef("opening")).values("blind_first")
    applicants.filter(opening__blind_first=True).update(looked_blind=Subquery(blind))
    found = applicants.order_by("pk").values_list("pk", *SEARCHED)
    rows = [(search_text(*searched), pk) for pk, *searched in found.iterator(BATCH)]
    with schema_editor.connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            cursor.executemany("UPDATE vetting_applicant SET search_text = %s WHERE id = %s", part)
    schema_editor.connection.check_constraints()  # now, and not at the end: PostgreSQL makes no index before


class Migration(migrations.Migration):
    dependencies = [("vetting", "0007_desk")]

    operations = [
        migrations.RemoveIndex("applicant", name="vetting_app_opening_2c9251_idx"),
        migrations.RemoveIndex("applicant", name="applicant_queue"),
        migrations.RemoveField("applicant", name="evidence_place"),
        migrations.AddField("applicant", "looked_blind", models.BooleanField(default=False, editable=False)),
        migrations.AddField("applicant", "search_text", models.CharField(default="", editable=False, max_length=600)),
        migrations.AddField(
            "applicant",
            "waits",
            models.GeneratedField(
                expression=Case(
                    When(review__in=["waiting", "second"], then=Value(1)),
                    default=Value(0),
                    output_field=models.SmallIntegerField(),
                ),
                output_field=models.SmallIntegerField(),
                db_persist=True,
            ),
        ),
        migrations.AddField(
            "applicant",
            "queue_place",
            models.GeneratedField(expression=PLACE, output_field=models.SmallIntegerField(), db_persist=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            "applicant", models.Index(fields=["opening", "search_text", "id"], name="applicant_search_in_opening")
        ),
        migrations.AddIndex(
            "applicant", models.Index(fields=["search_text", "id", "opening"], name="applicant_search")
        ),
        migrations.AddIndex(
            "applicant",
            models.Index(
                fields=["waits", "queue_place", "created_at", "id", "opening", "review", "proposed_by"],
                name="applicant_queue",
            ),
        ),
    ]
