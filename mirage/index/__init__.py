"""Use case: turn `pending` documents into searchable ones. See db/queue/__init__.py for the states.

Each process runs the same workers in parallel (indexer.py): one parses (parse_worker.py), another
overtakes a slow document (overtaking_worker.py); one chunks and embeds, another embeds while the
first stores (embed_worker.py); one does maintenance (maintenance.py). All but the last claim work,
do it without an open transaction, and store the result in one (claims.py).

Errors are of three kinds (`errors.Retry`): *wait* releases the work and records a blocker
(loop.py); *counted* uses an attempt; *final* becomes the document's error.
"""

from mirage.index.indexer import Indexer

__all__ = ["Indexer"]
