"""Written service standards as data: pure Python, no clock, no input or output beyond its own files."""
