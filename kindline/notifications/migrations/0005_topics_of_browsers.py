import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_sms_gateways")]

    operations = [
        migrations.AddField(
            model_name="pushsubscription",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.SlugField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="noticesource",
            name="last_browser",
            field=models.BigIntegerField(default=0),
        ),
    ]
