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
    # Not known: stems Russian words as Russian and ASCII words as English, which serves both.
    "": "russian",
}
"""Those of PostgreSQL 16; every newer one has them as well."""

_NO_STEMS = "simple"

# PostgreSQL parts a word at such a digit, or takes it for a letter, as the locale has it.
_SUBSCRIPTS, _SUPERSCRIPTS = "₀₁₂₃₄₅₆₇₈₉", "⁰¹²³⁴⁵⁶⁷⁸⁹"


def configuration(language: str) -> str:
    """SQL that gives the configuration for the SQL expression of a language, which may be null."""
    table = json.dumps(_CONFIGURATIONS, separators=(",", ":"))
    return (
        f"CAST(coalesce(CAST('{table}' AS jsonb) ->> coalesce({language}, ''), '{_NO_STEMS}')"
        " AS regconfig)"
    )


def vector(language: str, words: str) -> str:
    """SQL that gives the `tsvector` of the SQL expression `words` in that of a configuration.

    Whoever types `CO2` finds `CO₂`, and `1902` is found where the mark of a note is raised beside
    it.
    """
    digits = "0123456789" + " " * len(_SUPERSCRIPTS)
    plain = f"translate({words}, '{_SUBSCRIPTS}{_SUPERSCRIPTS}', '{digits}')"
    return f"to_tsvector({language}, {plain})"


def term(lexeme: str) -> str:
    """SQL that gives a lexeme's number in term weights, from 1 to `tables.TERM_DIMENSIONS`."""
    return f"('x' || left(md5({lexeme}), 7))::bit(28)::int + 1"
