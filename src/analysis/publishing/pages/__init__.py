"""From an executed run to a page, and from pages to a site."""
