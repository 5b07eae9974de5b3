"""Use case: turn `pending` documents into searchable ones. The states are drawn in db/queue.py.

Three workers run side by side (indexer.py) and are the same however many processes there are: one
parses (parsing.py), one cuts and embeds (embedding.py), one tends to the vectors (tending.py). The
first two claim, work without an open transaction, and store the result in one (holding.py).
What goes wrong is of one of three kinds (`errors.Retry`): *wait* gives the work back untouched and
says so as an obstacle (loop.py); *counted* uses up an attempt; *final* is kept as the document's
reason.
"""

from mirage.index.indexer import Indexer

__all__ = ["Indexer"]
