"""Who acts, as the journal names him."""

from __future__ import annotations

from kindline.staff.models import Employee


def actor(employee: Employee | None) -> str:
    """How the journal names an employee; nobody is the program itself."""
    return f"employee:{employee.pk}" if employee else "system"
