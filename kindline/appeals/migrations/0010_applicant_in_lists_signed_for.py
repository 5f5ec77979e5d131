"""The indexes of the list's order hold who applies as well; an answer knows for whom it was signed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FILTERED = (
    "state", "kind", "channel", "topic", "unit", "executor", "answered_at", "target_at", "applicant_kind",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("appeals", "0009_incident_notice"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="signed_for",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(model_name="answer", name="signed_as", field=models.TextField(blank=True)),
        migrations.RemoveIndex(model_name="appeal", name="appeal_open_limit"),
        migrations.RemoveIndex(model_name="appeal", name="appeal_latest"),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["profile", "limit_at", "id"],
                include=("registered_at", *FILTERED),
                name="appeal_open_limit",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                fields=["profile", "-registered_at", "-id"],
                include=("limit_at", "closed_at", *FILTERED),
                name="appeal_latest",
            ),
        ),
    ]
