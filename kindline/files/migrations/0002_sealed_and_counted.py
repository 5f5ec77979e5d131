from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0001_files'),
    ]

    operations = [
        migrations.CreateModel(
            name='SealedContent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=8)),
                ('sha256', models.CharField(max_length=64)),
                ('sealed_sha256', models.CharField(db_index=True, max_length=64)),
                ('size', models.PositiveBigIntegerField()),
                ('key', models.BinaryField()),
                ('key_number', models.PositiveIntegerField()),
                ('sealed_at', models.DateTimeField()),
                ('is_plain_gone', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='Given',
            fields=[
                ('giver', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('since', models.DateTimeField()),
                ('files', models.PositiveIntegerField()),
                ('size', models.PositiveBigIntegerField()),
            ],
        ),
        migrations.AddConstraint(
            model_name='sealedcontent',
            constraint=models.UniqueConstraint(fields=('place', 'sha256'), name='sealed_once'),
        ),
        migrations.AddIndex(
            model_name='sealedcontent',
            index=models.Index(condition=models.Q(('is_plain_gone', False)), fields=['id'], name='sealed_with_plain'),
        ),
    ]
