"""How words are stemmed and numbered: PostgreSQL's text search by the document's language."""

import json

_CONFIGURATIONS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
    # Unknown language: this stems Russian words as Russian and ASCII words as English.
    "": "russian",
}
"""Text search configurations of PostgreSQL 16 by ISO 639-1 code; newer versions have them, too."""

_NO_STEMS = "simple"

# PostgreSQL splits a word at such a digit, or takes it for a letter, depending on the locale.
_SUBSCRIPTS, _SUPERSCRIPTS = "₀₁₂₃₄₅₆₇₈₉", "⁰¹²³⁴⁵⁶⁷⁸⁹"


def configuration(language: str) -> str:
    """Return SQL of the configuration for the SQL expression of a language, which may be null."""
    table = json.dumps(_CONFIGURATIONS, separators=(",", ":"))
    return (
        f"CAST(coalesce(CAST('{table}' AS jsonb) ->> coalesce({language}, ''), '{_NO_STEMS}')"
        " AS regconfig)"
    )


def vector(language: str, words: str) -> str:
    """Return SQL of the `tsvector` of the SQL expressions of a configuration and of words.

    `CO2` finds `CO₂`, and `1902` finds `1902⁴`, where a raised digit marks a note.
    """
    digits = "0123456789" + " " * len(_SUPERSCRIPTS)
    plain = f"translate({words}, '{_SUBSCRIPTS}{_SUPERSCRIPTS}', '{digits}')"
    return f"to_tsvector({language}, {plain})"


def term(lexeme: str) -> str:
    """Return SQL of a lexeme's number in term weights, from 1 to `tables.TERM_DIMENSIONS`."""
    return f"('x' || left(md5({lexeme}), 7))::bit(28)::int + 1"
