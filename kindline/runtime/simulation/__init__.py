"""A day of calls on a simulated clock, decided by the dispatcher's own choice, and the formulas to hold it against."""
