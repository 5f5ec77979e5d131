"""Rules: clauses judged on facts, as Ibis expressions over one wide row a subject."""

from kindline.standard.rules.judging import chunks, judge, period_clauses, subject_clauses

__all__ = ["chunks", "judge", "period_clauses", "subject_clauses"]
