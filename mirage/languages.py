"""Language codes of ISO 639-1."""

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
"""All codes of the standard, without withdrawn ones."""

# Withdrawn codes that are still in use, and the two written forms of Norwegian, which are not
# distinguished here.
_OTHER_NAMES = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "nb": "no", "nn": "no"}


def normalise(tag: str | None) -> str | None:
    """Return the code of a BCP 47 tag such as `de-AT`, or None."""
    code = (tag or "").strip().replace("_", "-").partition("-")[0].lower()
    code = _OTHER_NAMES.get(code, code)
    return code if code in CODES else None
