"""Benchmarks: each prints JSON lines, never part of the tests."""
