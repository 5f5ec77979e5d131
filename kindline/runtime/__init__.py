"""One command: provisions, migrates, supervises. The top tier: it may import everything, nothing imports it."""
