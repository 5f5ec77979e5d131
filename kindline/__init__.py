"""Kindline: a customer-service centre led by its own written service standard."""
