"""The sub-commands of `kindline`, one module each, found by being here."""
