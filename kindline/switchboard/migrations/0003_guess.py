from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("switchboard", "0002_switchboards")]

    operations = [
        migrations.CreateModel(
            name="Guess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("caller", models.TextField(blank=True)),
                ("service", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["at", "caller"], name="guess_lately")]},
        ),
    ]
