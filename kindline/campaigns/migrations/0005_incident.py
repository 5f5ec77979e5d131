import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appeals", "0013_one_index_each"),
        ("campaigns", "0004_push"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="incident",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="appeals.incident",
            ),
        ),
    ]
