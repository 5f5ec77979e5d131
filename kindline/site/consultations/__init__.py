"""Consultations that a client books on the site: in person in a service centre, or by video."""
