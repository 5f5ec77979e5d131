import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


NEXT_NUMBER = """
CREATE FUNCTION appeals_next_number(series text, of_year integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE given integer;
BEGIN
    INSERT INTO appeals_numberseries AS known (profile, year, last) VALUES (series, of_year, 1)
    ON CONFLICT (profile, year) DO UPDATE SET last = known.last + 1 RETURNING last INTO given;
    PERFORM set_config('synchronous_commit', 'off', true);  -- who asks waits for the disk after the commit
    RETURN format('%s-%s/%s', series, of_year, lpad(given::text, greatest(5, length(given::text)), '0'));
END $$;
"""

# A registration in one go: the contact where there is none yet, the number, the row with what it is found by, the facts
# (which learn number and key here). The number comes as late as can be: others wait for its row.
REGISTER = """
CREATE FUNCTION appeals_register(
    contact jsonb, appeal jsonb, of_year integer, words text[], facts jsonb, OUT new_id bigint, OUT new_number text
) LANGUAGE plpgsql AS $$
DECLARE known jsonb;
BEGIN
    IF contact IS NOT NULL THEN
        INSERT INTO conversations_contact SELECT made.* FROM jsonb_populate_record(NULL::conversations_contact, contact) AS made;
    END IF;
    new_id := nextval('appeals_appeal_id_seq');
    new_number := appeals_next_number(appeal ->> 'profile', of_year);
    INSERT INTO appeals_appeal
    SELECT made.* FROM jsonb_populate_record(NULL::appeals_appeal, appeal || jsonb_build_object(
        'id', new_id, 'number', new_number, 'lookup', array_to_tsvector(words || lower(new_number))::text
    )) AS made;
    SELECT jsonb_agg(fact || jsonb_build_object(
        'subject_id', coalesce(nullif(fact ->> 'subject_id', ''), new_id::text),
        'data', (fact -> 'data')
            || CASE WHEN fact -> 'data' ? 'number' THEN jsonb_build_object('number', new_number) ELSE '{}' END
            || CASE WHEN fact -> 'data' ? 'appeal' THEN jsonb_build_object('appeal', new_id) ELSE '{}' END
    ) ORDER BY place) INTO known FROM jsonb_array_elements(facts) WITH ORDINALITY AS given(fact, place);
    PERFORM journal_record(known);
END $$;
"""
REVERSE = """
DROP FUNCTION appeals_register(jsonb, jsonb, integer, text[], jsonb);
DROP FUNCTION appeals_next_number(text, integer);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('appeals', '0004_letters'),
        ('conversations', '0002_initial'),
        ('journal', '0002_record'),
        ('staff', '0003_token'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='appeal',
            name='revision',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.CreateModel(
            name='AppealMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('appeal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='appeals.appeal')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('token', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='staff.token')),
            ],
        ),
        migrations.RunSQL(NEXT_NUMBER + REGISTER, REVERSE),
    ]
