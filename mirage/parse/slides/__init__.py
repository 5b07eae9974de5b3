"""Parses presentations: a slide is a page, and its notes are a section of their own."""
