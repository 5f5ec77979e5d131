"""One folder an outside system; each is found by its dotted name in the settings."""
