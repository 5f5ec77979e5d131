"""Meter readings in, bills and balances out."""
