"""Lists the signs that end a sentence, for character classes of regular expressions."""

STOPS = ".!?…"
WIDE_STOPS = "。！？"
"""Stops of Chinese and Japanese, which no space follows."""

CLOSING = r"""'"’”»)\]"""
"""Quotes and brackets that may stand between a stop and the space after it."""
WIDE_CLOSING = "」』）"
