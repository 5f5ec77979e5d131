"""The quarterly report: the published numbers with a foreword, approved, frozen, as page, PDF and data (ADR 56)."""
