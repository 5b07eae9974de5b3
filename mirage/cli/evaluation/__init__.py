"""Results of `mirage eval`, and their report.

`run.py` holds the results per query and as means, and reads and writes them as a file. `report.py`
makes the page, `charts.py` its bars, `query_lists.py` its lists of queries, `elements.py` the HTML.
"""
