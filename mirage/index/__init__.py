"""Use case: turn `pending` documents into searchable ones. The states are drawn in db/queue.py.

Workers run side by side (indexer.py) and are the same however many processes there are: one parses
(parsing.py), and another one beside a slow document (relief.py); one cuts and embeds, and another
one embeds while that stores (embedding.py); one tends to the vectors (tending.py). All but the last
claim, work without an open transaction, and store the result in one (holding.py).
What goes wrong is of one of three kinds (`errors.Retry`): *wait* gives the work back untouched and
says so as an blocker (loop.py); *counted* uses up an attempt; *final* is kept as the document's
reason.
"""

from mirage.index.indexer import Indexer

__all__ = ["Indexer"]
