"""A set of open data as CSV (RFC 4180) and as JSON."""

from __future__ import annotations

import csv
import io
import json

from kindline.site.open_data.tables import Table
from kindline.standard import cells
from kindline.standard.published_data import OpenTables


def as_csv(table: Table) -> bytes:
    """With a byte-order mark, so that office programs read Cyrillic; an empty cell is an unknown value."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(table.columns)
    writer.writerows([cells.safe(row[name]) for name in table.columns] for row in table.rows)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def as_json(table: Table, known: OpenTables) -> bytes:
    """With its date and licence; what is unknown is null."""
    whole = {
        "dataset": table.id,
        "modified": table.modified.isoformat() if table.modified else None,
        "licence": known.licence_address,
        "columns": table.columns,
        "rows": [{name: row[name] for name in table.columns} for row in table.rows],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


FORMATS = {"csv": ("text/csv; charset=utf-8", "text/csv"), "json": ("application/json", "application/json")}
"""What a file is sent as, and how a catalogue names its type."""
