"""The chart's values as pydantic models; used while developing, never shipped.

`values.py` is the whole chart on one screen. `python -m schema write` makes the chart's
`values.schema.json`, `values.yaml` and the table of its README out of it.
"""
