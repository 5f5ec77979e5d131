"""An instance of before keeps its attachments: rows by the migration, contents by a rename at the next start."""

from pathlib import Path

import pytest

from kindline.runtime import instance
from tests.plugins.rude import Rude

BEFORE = """
INSERT INTO correspondence_incoming (id, mailbox, sha256, size, stored_at, state, kind, fault, tries, sender,
  sender_name, recipients, reply_to, subject, text, message_id, headers, status, outcome)
VALUES (7, 'm', 'raw', 1, '2026-03-02 09:00Z', 'read', 'message', '', 0, '', '', '{}', '', '', '', '', '{}', '', '');
INSERT INTO correspondence_paper (id, direction, number, key, state, registered_at, surname, given_name, patronymic,
  firm_name, address, subject, text, language, about, pdf_sha256, tracking_number, outcome)
VALUES (8, 'out', 'krc-out-2026/00001', 'k', 'printed', '2026-03-02 10:00Z', '', '', '', '', '', 's', '', 'ru', '',
  'pdf', '', '');
INSERT INTO correspondence_attachment (incoming_id, paper_id, position, role, name, declared, media_type, size, sha256,
  state, reason, checked_at)
VALUES (7, NULL, 1, 'file', 'a.txt', '', 'text/plain', 5, 'aa', 'clean', '', '2026-03-02 09:01Z'),
       (7, NULL, 2, 'file', 'b.txt', '', 'text/plain', 5, 'bb', 'quarantined', '', NULL),
       (NULL, 8, 1, 'proof', 'c.pdf', '', 'application/pdf', 5, 'cc', 'refused', 'virus: x', '2026-03-02 09:01Z');
"""
AFTER = """
SELECT f.name, f.state, a.owner_kind, a.owner_key, a.role, f.sha256 FROM files_attachment a
JOIN files_storedfile f ON f.id = a.file_id ORDER BY f.id
"""


@pytest.mark.db(transaction=True)
def test_rows_move(rude: Rude) -> None:
    rude.run("-m", "django", "migrate", "correspondence", "0001", "--verbosity", "0")
    with rude.connect() as connection:
        for one in BEFORE.split(";\n")[:3]:
            connection.execute(one.encode())
    rude.run("-m", "django", "migrate", "--verbosity", "0")
    assert rude.ask(AFTER) == [
        ("a.txt", "clean", "mail", "7", "file", "aa"),
        ("b.txt", "waiting", "mail", "7", "file", "bb"),
        ("c.pdf", "refused", "paper", "8", "proof", "cc"),
        ("krc-out-2026-00001.pdf", "clean", "paper", "8", "letter", "pdf"),
    ]


def test_contents_move(tmp_path: Path) -> None:
    lies = tmp_path / "correspondence" / "attachments" / "aa"
    lies.mkdir(parents=True)
    (lies / "aa11").write_bytes(b"words")
    for _ in range(2):
        instance.prepare(tmp_path)
    assert (tmp_path / "files" / "aa" / "aa11").read_bytes() == b"words"
