"""Readings for a billing system that takes files."""
