import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('switchboard', '0002_switchboards'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='node',
            field=models.TextField(default='1'),
        ),
        migrations.AddField(
            model_name='operator',
            name='phones',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='switchboard',
            name='node',
            field=models.TextField(default='1'),
        ),
        migrations.AddField(
            model_name='switchboard',
            name='address',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='switchboard',
            name='sip',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='switchboard',
            name='socket',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='switchboard',
            name='serving',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='switchboard',
            name='has_left',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='switchboard',
            name='skew_s',
            field=models.FloatField(default=0),
        ),
    ]
