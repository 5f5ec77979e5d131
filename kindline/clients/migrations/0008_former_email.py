from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0007_account_logins"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="login",
            index=models.Index(
                condition=models.Q(("former_email", ""), _negated=True),
                fields=["former_email"],
                name="login_former_email",
            ),
        ),
    ]
