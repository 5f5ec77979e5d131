from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('api', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('token_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('full_at', models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE api_allowance SET UNLOGGED",
            reverse_sql="ALTER TABLE api_allowance SET LOGGED",
        ),
    ]
