from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0004_ways'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='dative_as',
            field=models.TextField(blank=True),
        ),
    ]
