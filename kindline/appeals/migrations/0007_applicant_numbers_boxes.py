from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

# How a number looks is told with each registration (head, width, tail); the series is counted as before.
NUMBERS = """
DROP FUNCTION appeals_register(jsonb, jsonb, integer, text[], jsonb);
DROP FUNCTION appeals_next_number(text, integer);
CREATE FUNCTION appeals_next_number(series text, of_year integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE given integer;
BEGIN
    INSERT INTO appeals_numberseries AS known (profile, year, last) VALUES (series, of_year, 1)
    ON CONFLICT (profile, year) DO UPDATE SET last = known.last + 1 RETURNING last INTO given;
    PERFORM set_config('synchronous_commit', 'off', true);  -- who asks waits for the disk after the commit
    RETURN given;
END $$;
CREATE FUNCTION appeals_register(
    contact jsonb, appeal jsonb, of_year integer, shape jsonb, words text[], facts jsonb,
    OUT new_id bigint, OUT new_number text
) LANGUAGE plpgsql AS $$
DECLARE
    known jsonb;
    running text;
BEGIN
    IF contact IS NOT NULL THEN
        INSERT INTO conversations_contact
        SELECT made.* FROM jsonb_populate_record(NULL::conversations_contact, contact) AS made;
    END IF;
    new_id := nextval('appeals_appeal_id_seq');
    running := appeals_next_number(appeal ->> 'profile', of_year)::text;
    running := lpad(running, greatest((shape ->> 'width')::integer, length(running)), '0');
    new_number := (shape ->> 'head') || running || (shape ->> 'tail');
    INSERT INTO appeals_appeal
    SELECT made.* FROM jsonb_populate_record(NULL::appeals_appeal, appeal || jsonb_build_object(
        'id', new_id, 'number', new_number, 'lookup', array_to_tsvector(words || lower(new_number) || running)::text
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
BACK = """
DROP FUNCTION appeals_register(jsonb, jsonb, integer, jsonb, text[], jsonb);
DROP FUNCTION appeals_next_number(text, integer);
"""
BEFORE = import_module("kindline.appeals.migrations.0005_revision_and_messages")

# Until now the name of a firm stood where a surname stands.
NAMES = """
UPDATE appeals_appeal AS row SET applicant_kind = client.kind, firm_name = client.firm_name, surname = ''
FROM clients_client AS client
WHERE client.id = row.client_id AND client.kind <> 'person' AND client.firm_name <> ''
    AND row.surname = client.firm_name
"""
NAMES_BACK = "UPDATE appeals_appeal SET surname = firm_name WHERE firm_name <> '' AND surname = ''"


class Migration(migrations.Migration):

    dependencies = [
        ('appeals', '0006_talk'),
        ('clients', '0005_dative'),
        ('staff', '0003_token'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClientBox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.CharField(max_length=16)),
                ('place', models.TextField()),
                ('put_up_at', models.DateTimeField()),
                ('taken_down_at', models.DateTimeField(blank=True, null=True)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='boxes', to='staff.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=Q(('taken_down_at', None)), fields=('profile', 'place'), name='client_box_once_a_place')],
            },
        ),
        migrations.CreateModel(
            name='Emptying',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('emptied_at', models.DateTimeField()),
                ('letters', models.PositiveSmallIntegerField()),
                ('note', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('box', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='emptyings', to='appeals.clientbox')),
                ('employee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['box', '-emptied_at'], name='emptying_latest')],
            },
        ),
        migrations.AddField(
            model_name='appeal',
            name='applicant_kind',
            field=models.CharField(default='person', max_length=16),
        ),
        migrations.AddField(
            model_name='appeal',
            name='firm_name',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='appeal',
            name='came_by',
            field=models.CharField(blank=True, choices=[('post', 'Post'), ('courier', 'Courier'), ('client_box', 'Box'), ('handed_over', 'Handed')], max_length=16),
        ),
        migrations.AddField(
            model_name='appeal',
            name='emptying',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='appeals.emptying'),
        ),
        migrations.RunSQL(NUMBERS, BACK + BEFORE.NEXT_NUMBER + BEFORE.REGISTER),
        migrations.RunSQL(NAMES, NAMES_BACK),
    ]
