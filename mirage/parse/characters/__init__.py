"""Bytes to characters, and characters that are fit to keep."""
