"""Voices that say messages: each a program of its own, used where it is installed."""
