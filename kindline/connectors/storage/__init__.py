"""Where contents lie outside the instance folder."""
