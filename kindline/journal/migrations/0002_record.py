"""Facts are written by a function of the database: planned once a connection, not once a fact."""

from django.db import migrations

RECORD = """
CREATE FUNCTION journal_record(facts jsonb) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    INSERT INTO journal_fact (at, kind, subject_type, subject_id, actor, data, clauses)
    SELECT coalesce(fact.at, clock_timestamp()), fact.kind, fact.subject_type, fact.subject_id, fact.actor, fact.data, fact.clauses
    FROM jsonb_to_recordset(facts)
        AS fact(at timestamptz, kind text, subject_type text, subject_id text, actor text, data jsonb, clauses text[])
    RETURNING journal_fact.id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [migrations.RunSQL(RECORD, "DROP FUNCTION journal_record(jsonb);")]
