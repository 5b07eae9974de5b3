"""Reads HTML, XHTML and other markup: bytes to a tree (`tree.py`), a tree to text (`reader.py`)."""
