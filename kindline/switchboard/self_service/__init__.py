"""What the menu does by itself: questions as data, their checks, and the answers put into words."""
