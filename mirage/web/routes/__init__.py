"""Routes of the page."""
