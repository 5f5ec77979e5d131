"""Web Push: notices handed to the push services that browsers name (RFC 8030, RFC 8291, RFC 8292)."""
