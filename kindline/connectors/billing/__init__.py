"""Billing systems."""
