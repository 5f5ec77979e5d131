"""Faults, brought about on purpose: what was acknowledged is kept, what was begun is ended, nothing is done twice."""
