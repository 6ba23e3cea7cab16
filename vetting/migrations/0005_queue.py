import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.expressions import CombinedExpression


class Migration(migrations.Migration):

    dependencies = [
        ('vetting', '0004_a_recruiters_day'),
    ]

    operations = [
        migrations.AddField(
            model_name='applicant',
            name='proposed_by',
            field=models.ForeignKey(blank=True, help_text='Who made the first decision, while it waits for a second reviewer.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='applicant',
            name='evidence_place',
            field=models.GeneratedField(db_persist=True, expression=CombinedExpression(CombinedExpression(models.F('verdict_rank'), '*', models.Value(5)), '-', models.Case(models.When(then=models.Value(1), verdict_strength='weak'), models.When(then=models.Value(2), verdict_strength='moderate'), models.When(then=models.Value(3), verdict_strength='strong'), models.When(then=models.Value(4), verdict_strength='conclusive'), default=models.Value(0), output_field=models.SmallIntegerField())), output_field=models.SmallIntegerField()),
        ),
        migrations.AddIndex(
            model_name='applicant',
            index=models.Index(fields=['review', 'opening', 'evidence_place', 'created_at', 'id', 'proposed_by'], name='applicant_queue'),
        ),
        migrations.AddIndex(
            model_name='applicant',
            index=models.Index(fields=['taken_until'], name='applicant_held'),
        ),
    ]
