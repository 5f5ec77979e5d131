"""What clients think of the answer and of the service: rated by themselves, in figures and words."""
