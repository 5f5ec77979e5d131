import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

EMPLOYEE = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    dependencies = [("staff", "0007_refused_entries")]

    operations = [
        migrations.CreateModel(
            name="Deputy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("profile", models.CharField(max_length=16)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("order", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("struck_at", models.DateTimeField(blank=True, null=True)),
                ("struck_why", models.TextField(blank=True)),
                (
                    "absent",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=EMPLOYEE),
                ),
                (
                    "deputy",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=EMPLOYEE),
                ),
                (
                    "made_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=EMPLOYEE),
                ),
                (
                    "struck_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to=EMPLOYEE,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"),
                        name="deputy_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("absent", models.F("deputy")), _negated=True),
                        name="deputy_is_somebody_else",
                    ),
                ]
            },
        ),
    ]
