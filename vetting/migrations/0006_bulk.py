import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vetting', '0005_queue'),
    ]

    operations = [
        migrations.AlterField(
            model_name='analysis',
            name='rung_at',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text='When the doorbell was last rung; null while it waits its turn.', null=True),
        ),
    ]
