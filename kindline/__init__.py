"""Kindline: a customer-service centre led by, and measured against, a written service standard."""

__version__ = "0.1.0"
