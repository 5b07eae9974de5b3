"""Serves agents by the Model Context Protocol: four tools that read, with answers as text.

`endpoint.py` has the routes and `server.py` connects them with the official SDK, which is imported
at the first request: it takes 24 MB and seconds. The tools do not know the SDK: `tools.py` declares
them, `searching.py`, `reading.py` and `listing.py` answer. `calls.py` is who asks, `references.py`
finds what an agent means by a document, and `answers.py` writes the parts of an answer.
"""
