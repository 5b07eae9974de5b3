"""Makes a release, proves it, and only then gives it its public name; a development tool.

A release is an image and a chart. Both are pushed as a candidate first, by digest, with a
signature, a bill of materials and a provenance. `verify` and `rehearse-upgrade` attach a signed
record of what they did; `promote` copies only a candidate with these records. docs/releasing.md
tells the way.
"""
