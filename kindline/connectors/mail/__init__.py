"""Mail servers: IMAP in, SMTP out, ClamAV for attachments."""
