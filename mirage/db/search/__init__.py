"""The SQL of a search: both legs and their fusion (`passages.py`), with BM25 in sparse vectors."""
