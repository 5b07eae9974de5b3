"""Codes of languages: ISO 639-1, two letters each."""

_SECOND_LETTERS = {
    "a": "abefkmnrsvyz",
    "b": "aegimnors",
    "c": "aehorsuvy",
    "d": "aevz",
    "e": "elnostu",
    "f": "afijory",
    "g": "adlnuv",
    "h": "aeiortuyz",
    "i": "adegikostu",
    "j": "av",
    "k": "agijklmnorsuvwy",
    "l": "abginotuv",
    "m": "ghiklnrsty",
    "n": "abdeglnorvy",
    "o": "cjmrs",
    "p": "ailst",
    "q": "u",
    "r": "mnouw",
    "s": "acdegiklmnoqrstuvw",
    "t": "aeghiklnorstwy",
    "u": "gkrz",
    "v": "eio",
    "w": "ao",
    "x": "h",
    "y": "io",
    "z": "ahu",
}

CODES = frozenset(
    first + second for first, seconds in _SECOND_LETTERS.items() for second in seconds
)
"""Those of the standard, without what it has withdrawn."""

# Withdrawn codes that are still written, and the two written forms of Norwegian, which nothing
# here tells apart.
_OTHER_NAMES = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "nb": "no", "nn": "no"}


def normalise(tag: str | None) -> str | None:
    """The code of a BCP 47 tag such as `de-AT`; None for what has none."""
    code = (tag or "").strip().replace("_", "-").partition("-")[0].lower()
    code = _OTHER_NAMES.get(code, code)
    return code if code in CODES else None
