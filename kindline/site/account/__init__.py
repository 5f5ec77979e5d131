"""The personal account: registration, log-in, what belongs to the client, own appeals."""
