from django.db import migrations

FILES = """
INSERT INTO files_storedfile (id, name, declared, media_type, size, sha256, state, reason, stored_at, checked_at)
SELECT a.id, a.name, a.declared, a.media_type, a.size, a.sha256,
       CASE a.state WHEN 'quarantined' THEN 'waiting' ELSE a.state END, a.reason,
       COALESCE(i.stored_at, p.registered_at), a.checked_at
FROM correspondence_attachment a
LEFT JOIN correspondence_incoming i ON i.id = a.incoming_id
LEFT JOIN correspondence_paper p ON p.id = a.paper_id;
INSERT INTO files_attachment (file_id, owner_kind, owner_key, role, attached_at)
SELECT a.id, CASE WHEN a.incoming_id IS NULL THEN 'paper' ELSE 'mail' END,
       COALESCE(a.incoming_id, a.paper_id)::text, a.role, f.stored_at
FROM correspondence_attachment a JOIN files_storedfile f ON f.id = a.id
ORDER BY a.position;
SELECT setval(pg_get_serial_sequence('files_storedfile', 'id'), COALESCE((SELECT max(id) FROM files_storedfile), 0) + 1, false);
WITH printed AS (
  INSERT INTO files_storedfile (name, declared, media_type, size, sha256, state, reason, stored_at)
  SELECT replace(number, '/', '-') || '.pdf', '', 'application/pdf', 0, pdf_sha256, 'clean', '', registered_at
  FROM correspondence_paper WHERE pdf_sha256 <> ''
  RETURNING id, name, stored_at
)
INSERT INTO files_attachment (file_id, owner_kind, owner_key, role, attached_at)
SELECT printed.id, 'paper', p.id::text, 'letter', printed.stored_at
FROM printed JOIN correspondence_paper p ON replace(p.number, '/', '-') || '.pdf' = printed.name;
"""
"""Rows move to the package `files`; their contents are renamed by the instance at its next start."""


class Migration(migrations.Migration):

    dependencies = [
        ('correspondence', '0001_initial'),
        ('files', '0001_files'),
    ]

    operations = [
        migrations.RunSQL(FILES, migrations.RunSQL.noop),
        migrations.DeleteModel(
            name='Attachment',
        ),
    ]
