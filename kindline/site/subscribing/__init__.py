"""Notices by e-mail and SMS without an account: asked for on the site, confirmed, told, left."""
