"""What was taken back before it had gone: the version that was signed, a notice, a letter."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appeals", "0013_one_index_each"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(model_name="answerversion", name="frozen", field=models.TextField(blank=True)),
        migrations.AddField(
            model_name="answerversion", name="signed_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="answerversion",
            name="signed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="clientnotice", name="recalled_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AlterField(
            model_name="joinedletter",
            name="state",
            field=models.CharField(
                choices=[
                    ("came", "Came"),
                    ("on_its_way", "On Its Way"),
                    ("sent", "Sent"),
                    ("delivered", "Delivered"),
                    ("failed", "Failed"),
                    ("came_back", "Came Back"),
                    ("recalled", "Recalled"),
                ],
                default="came",
                max_length=10,
            ),
        ),
    ]
