"""Open data: what is public anyway, as files for programs with a catalogue; few people are not told apart."""
