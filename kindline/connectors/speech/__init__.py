"""Engines that recognise speech: one in a process of its own, one behind a server of the organisation's own."""
