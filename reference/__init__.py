"""Writes the pages under docs/ that repeat what the code says (develop-time only).

Each page is written by hand around one generated part, which stands between two comments.
"""
