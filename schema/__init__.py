"""The chart's values as pydantic models; a development tool that is not shipped.

`values.py` is the whole chart on one screen. `python -m schema write` generates the chart's
`values.schema.json`, `values.yaml` and the table in its README.
"""
