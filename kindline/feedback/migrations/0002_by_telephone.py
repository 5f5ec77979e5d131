from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="rating",
            name="way",
            field=models.CharField(choices=[("page", "Page"), ("phone", "Phone")], default="page", max_length=8),
        ),
        migrations.AlterField(
            model_name="rating", name="answer", field=models.PositiveSmallIntegerField(null=True)
        ),
        migrations.RemoveConstraint(model_name="rating", name="rating_from_one_to_five"),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("service__range", (1, 5)),
                    models.Q(
                        models.Q(("answer__isnull", False), ("answer__range", (1, 5))),
                        models.Q(("answer", None), ("way", "phone")),
                        _connector="OR",
                    ),
                ),
                name="rating_from_one_to_five",
            ),
        ),
        migrations.CreateModel(
            name="Asked",
            fields=[
                ("phone", models.TextField(primary_key=True, serialize=False)),
                ("contact", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["at"], name="feedback_as_at_idx")]},
        ),
    ]
