"""The search of the site: published answers, pages of the sections and news, the site's own pages, services."""
