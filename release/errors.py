"""The error of this package."""


class Refused(Exception):
    """A release that cannot go on. Its text is one sentence that says what to do."""
