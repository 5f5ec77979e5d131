"""What another program sees: the registry of appeals over HTTP, and what it is told by webhooks."""
