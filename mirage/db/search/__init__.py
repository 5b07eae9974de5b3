"""The SQL of a search: both legs and their fusion (`passages.py`), and BM25 as sparse vectors."""
