"""Decodes bytes to characters, and cleans characters for storing and search."""
