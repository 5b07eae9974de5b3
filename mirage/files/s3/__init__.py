"""Originals in a bucket of S3, or of any server that speaks S3.

Only `errors` may be imported anywhere: the client of the other modules takes memory that an
installation with a volume does not need.
"""
