"""Demonstration calls: real telephones outside call the running instance, and it is told what each clause came to."""
