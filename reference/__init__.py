"""Generates the reference parts of the pages in docs/; a development tool that is not shipped.

Each page is written by hand around one generated part, which is between two comments.
"""
