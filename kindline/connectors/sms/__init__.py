"""Gateways for short messages: a centre of a network over SMPP, and Kannel over HTTP."""
