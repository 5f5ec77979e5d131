from django.db import migrations


# Of a million readings a few take another's place: an index of all of them held a nothing for each of the others.
class Migration(migrations.Migration):

    dependencies = [
        ('readings', '0004_upload'),
    ]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE readings_reading DROP CONSTRAINT readings_reading_replaces_id_key",
                "CREATE UNIQUE INDEX reading_replaces_once ON readings_reading (replaces_id) WHERE replaces_id IS NOT NULL",
            ],
            [
                "DROP INDEX reading_replaces_once",
                "ALTER TABLE readings_reading ADD CONSTRAINT readings_reading_replaces_id_key UNIQUE (replaces_id)",
            ],
        ),
    ]
