"""Recordings after the talk: sealed, stored, searched, heard, commented, held, removed with a receipt (ADR 26)."""
