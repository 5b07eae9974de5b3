"""The page for people: HTML from templates, over the same use cases as the API."""
