import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('correspondence', '0002_files_have_one_home'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterRemoval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('key', models.BigIntegerField()),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('files', models.PositiveIntegerField()),
                ('rule', models.TextField()),
                ('since', models.DateTimeField()),
                ('removed_at', models.DateTimeField()),
                ('removed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['-removed_at'], name='corresponde_removed_7c479a_idx')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='letter_removed_once')],
            },
        ),
    ]
