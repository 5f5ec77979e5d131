"""The journal: one partitioned, append-only table of facts, and the readers' cursors."""

import django.contrib.postgres.fields
from django.db import migrations, models

FACTS = """
CREATE TABLE journal_fact (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    subject_type text NOT NULL,
    subject_id text NOT NULL,
    actor text NOT NULL DEFAULT 'system',
    data jsonb NOT NULL DEFAULT '{}',
    clauses text[] NOT NULL DEFAULT '{}',
    xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX journal_fact_subject ON journal_fact (subject_type, subject_id);
CREATE INDEX journal_fact_order ON journal_fact (xid, id);
CREATE INDEX journal_fact_kind ON journal_fact (kind, at);
CREATE TABLE journal_fact_other PARTITION OF journal_fact DEFAULT;
"""

APPEND_ONLY = """
CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('kindline.retention', true) = 'on' THEN
        IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the journal is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Facts leave the journal only by its retention.';
END $$;
CREATE TRIGGER journal_fact_append_only BEFORE UPDATE OR DELETE ON journal_fact
    FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_fact_no_truncate BEFORE TRUNCATE ON journal_fact
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_fact_other_no_truncate BEFORE TRUNCATE ON journal_fact_other
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
"""

# A month's own partition; facts of that month that already lie in the default partition move into it.
PARTITION = """
CREATE FUNCTION journal_make_partition(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    since timestamptz := first::timestamp AT TIME ZONE 'UTC';
    until timestamptz := (first + interval '1 month')::timestamp AT TIME ZONE 'UTC';
    name text := 'journal_fact_' || to_char(first, 'YYYY_MM');
    retention text := coalesce(current_setting('kindline.retention', true), '');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('journal_make_partition'));
    IF to_regclass(name) IS NOT NULL THEN RETURN false; END IF;
    LOCK TABLE journal_fact IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE journal_fact INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', name);
    PERFORM set_config('kindline.retention', 'on', true);
    EXECUTE format('INSERT INTO %I SELECT * FROM journal_fact_other WHERE at >= $1 AND at < $2', name) USING since, until;
    DELETE FROM journal_fact_other WHERE at >= since AND at < until;
    PERFORM set_config('kindline.retention', retention, true);
    EXECUTE format('ALTER TABLE journal_fact ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, since, until);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()',
        name || '_no_truncate', name);
    RETURN true;
END $$;
"""

REVERSE = """
DROP FUNCTION journal_make_partition(date);
DROP TABLE journal_fact;
DROP FUNCTION journal_refuse();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("xid", models.BigIntegerField(default=0)),
                ("fact_id", models.BigIntegerField(default=0)),
                ("moved_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("pk", models.CompositePrimaryKey("id", "at", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.BigIntegerField(editable=False)),
                ("at", models.DateTimeField()),
                ("kind", models.TextField()),
                ("subject_type", models.TextField()),
                ("subject_id", models.TextField()),
                ("actor", models.TextField(default="system")),
                ("data", models.JSONField(default=dict)),
                ("clauses", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ("xid", models.BigIntegerField(editable=False)),
            ],
            options={"db_table": "journal_fact", "ordering": ["at", "id"], "managed": False},
        ),
        migrations.RunSQL(FACTS + APPEND_ONLY + PARTITION, REVERSE),
    ]
