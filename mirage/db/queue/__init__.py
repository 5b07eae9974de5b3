"""The queue is the domain: documents and chunks carry state, lease and attempts.

    document   pending ──claim──> parsing ──sections──> embedding ──last vector──> ready
    chunk                                               pending ──vector──> ready

A claim has a token, and every later statement of its worker names it. So a claim changes nothing
any more once its lease ran out and another worker has the work, or its document was deleted.

`documents.py` has the documents' side and `chunks.py` the chunks' side; `chunked.py` says which
documents were chunked for which generation, `finish.py` ends the work on both, `requeue.py` begins
it again, `splits.py` remembers chunks that were split. A draft, in which a `ready` document is
reindexed, is a document here in all but its end.

Locks are taken in one order, so that no two transactions wait for each other: the generation's row,
then documents by `LOCK_ORDER`, then their chunks. Deleting a document locks in that order, too.
"""

OPEN = "('pending', 'parsing', 'embedding')"
"""States of a document that is neither ready nor failed, as a list in SQL."""

RELEASE = "lease_token = NULL, leased_until = NULL"
"""Assignments that end a claim."""

LOCK_ORDER = "draft_of IS NOT NULL, id"
"""Lock order for several documents: drafts last, because deleting a document cascades to its draft
last.
"""
