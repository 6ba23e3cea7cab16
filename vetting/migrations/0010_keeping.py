"""What keeping rules by construction needs beside the rows of 0009: files to delete, the receipt's code, delays."""

import datetime as dt

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

WARNING = dt.timedelta(days=14)  # as vetting/keeping/retention.py says it to people


def begin(apps, schema_editor):
    """Retention deletes from now on; an installation with applicants gets time to read what it will delete."""
    known = apps.get_model("vetting", "Applicant").objects.exists()
    now = timezone.now()
    apps.get_model("vetting", "RetentionStart").objects.create(begins_at=now + WARNING if known else now)


class Migration(migrations.Migration):
    dependencies = [("vetting", "0009_the_candidate")]

    operations = [
        migrations.CreateModel(
            name="Leftover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("storage", models.CharField(max_length=16)),
                ("key", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={"ordering": [models.OrderBy(models.F("pk"))]},
        ),
        migrations.CreateModel(
            name="RetentionStart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begins_at", models.DateTimeField()),
                ("past_emptied_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="datarequest",
            name="code",
            field=models.CharField(
                blank=True,
                help_text="Of an erasure: opens the receipt, from the day on which it was asked.",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="retention_not_before",
            field=models.DateTimeField(
                blank=True,
                help_text="After the days were made fewer: nobody is deleted by them before this.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="datarequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("code", ""), _negated=True), fields=("code",), name="one_data_request_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="datarequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "erasure"), _negated=True),
                    models.Q(models.Q(("code", ""), _negated=True), ("runs_at__isnull", False)),
                    _connector="OR",
                ),
                name="an_erasure_request_has_a_code_and_a_day",
            ),
        ),
        migrations.AddField(
            model_name="leftover",
            name="tombstone",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="leftovers",
                to="vetting.tombstone",
            ),
        ),
        migrations.AddIndex(
            model_name="leftover", index=models.Index(fields=["storage", "key"], name="leftover_key")
        ),
        migrations.AddConstraint(
            model_name="leftover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("key", ""), _negated=True), models.Q(("storage", ""), _negated=True)
                ),
                name="a_leftover_is_somewhere",
            ),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop, elidable=False),
    ]
