"""The telephone engine: where Asterisk is, how an instance of it is laid out, started and asked whether it is ready."""
