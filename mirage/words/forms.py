"""The terms of one word: folded, without marks, and stemmed."""

import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

import regex
import Stemmer

# Snowball's algorithms by ISO 639-1 code.
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
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
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

# The language of a word in a script that its document's language is not written in: a Russian
# manual has English words, and a document of unknown language has words in any script.
_LANGUAGE_OF_SCRIPT = {"Latin": "en", "Cyrillic": "ru", "Greek": "el", "Arabic": "ar"}
_SCRIPT_OF_LANGUAGE = {
    "ar": "Arabic",
    "el": "Greek",
    "fa": "Arabic",
    "hi": "Devanagari",
    "hy": "Armenian",
    "ne": "Devanagari",
    "ru": "Cyrillic",
    "ta": "Tamil",
    "yi": "Hebrew",
}
_CYRILLIC_LANGUAGES = frozenset({"be", "bg", "kk", "ky", "mk", "mn", "sr", "tg", "uk"})

# Letters that have no canonical decomposition, but that people type without their mark.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_CYRILLIC = str.maketrans({"ё": "е", "ѐ": "е", "ґ": "г"})
_ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None}
)
_PERSIAN = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ـ": None})
_TURKISH = str.maketrans({"I": "ı", "İ": "i"})
# Cyrillic letters that look like Latin ones: on a keyboard they are mixed up in part numbers.
_LOOKALIKES = str.maketrans("авекмнорстух", "abekmhopctyx")
_ONLY_LOOKALIKES = regex.compile(r"[\d\p{P}a-zавекмнорстух]*")

IGNORED = (
    r"\u00AD\u034F\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069"
    r"\uFE00-\uFE0F\uFEFF\U000E0100-\U000E01EF"
)
"""Invisible characters within words, as part of a character class: soft hyphens, zero-width
characters, directions and variation selectors."""

_ignored = regex.compile(f"[{IGNORED}]+")
_script = regex.compile(
    r"(?P<Latin>\p{Latin})|(?P<Cyrillic>\p{Cyrillic})|(?P<Greek>\p{Greek})|(?P<Arabic>\p{Arabic})"
    r"|(?P<Hebrew>\p{Hebrew})|(?P<Devanagari>\p{Devanagari})|(?P<Armenian>\p{Armenian})"
    r"|(?P<Tamil>\p{Tamil})"
)
# Points of Hebrew, and vowel signs of Arabic.
_points = regex.compile(
    r"[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06DC]"
)
_digit = regex.compile(r"\p{Nd}")

LONGEST = 64
"""Characters of a term that are compared; a longer word is found by its beginning."""


def fold(text: str, language: str) -> str:
    """Return a text in the one spelling of its case, width and digits, without unseen characters.

    Canonical and compatibility forms are NFKC, so `ﬁ` is `fi` and `Ａ` is `a`; digits of every
    script become ASCII.
    """
    text = text[: 4 * LONGEST]  # Ordering many marks takes quadratic time.
    if text.isascii():
        return text.translate(_TURKISH).casefold() if language in _DOTTED else text.lower()
    text = unicodedata.normalize("NFKC", _ignored.sub("", text))
    if language in _DOTTED:
        text = text.translate(_TURKISH)
    text = unicodedata.normalize("NFKC", text.casefold())
    if not text.isascii():
        text = _digit.sub(lambda match: str(unicodedata.decimal(match[0])), text)
        text = _points.sub("", text).translate(_CYRILLIC)
        text = text.translate(_PERSIAN if language == "fa" else _ARABIC)
    return text


_DOTTED = frozenset({"tr", "az"})


def without_marks(folded: str) -> str:
    """Return a folded word as it is typed on a keyboard without its marks.

    Only Latin and Greek letters lose them: elsewhere a mark makes another letter.
    """
    if folded.isascii():
        return folded
    letters: list[str] = []
    for letter in unicodedata.normalize("NFD", folded):
        if unicodedata.combining(letter) and letters and _is_marked(letters[-1]):
            continue
        letters.append(letter)
    return unicodedata.normalize("NFC", "".join(letters)).translate(_PLAIN_LETTERS)


def _is_marked(letter: str) -> bool:
    return script_of(letter) in {"Latin", "Greek"}


@lru_cache(maxsize=4096)
def script_of(word: str) -> str | None:
    """Return the script of a word's first letter of a script that has stems, or None."""
    found = _script.search(word)
    return found.lastgroup if found else None


def word_terms(folded: str, language: str) -> tuple[str, ...]:
    """Return the terms of a folded word without digits: its stem, and the stem without marks."""
    stem = _stemmer(language_of(folded, language))
    plain = without_marks(folded)
    terms = [stem(folded) or folded]  # The Greek stemmer leaves nothing of some words.
    if plain != folded:
        terms.append(stem(plain) or plain)
    # A stemmer of marked words leaves other marks than one that got none.
    terms.append(without_marks(terms[0]))
    return tuple(dict.fromkeys(term[:LONGEST] for term in terms))


def code_terms(folded: str) -> tuple[str, ...]:
    """Return the terms of a folded word with digits, which has no stem."""
    terms = [folded, without_marks(folded)]
    if not folded.isascii() and _ONLY_LOOKALIKES.fullmatch(folded):
        terms.append(folded.translate(_LOOKALIKES))
    return tuple(dict.fromkeys(term[:LONGEST] for term in terms if term))


def language_of(word: str, language: str) -> str:
    """Return the language that a folded word is taken for in a document of this language."""
    script = script_of(word)
    if script is None:
        return language
    own = _SCRIPT_OF_LANGUAGE.get(language) or (
        "Cyrillic" if language in _CYRILLIC_LANGUAGES else "Latin" if language else None
    )
    return language if script == own else _LANGUAGE_OF_SCRIPT.get(script, language)


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    algorithm = _ALGORITHMS.get(language)
    if algorithm is None:
        return str
    stem: Callable[[str], str] = Stemmer.Stemmer(algorithm, 0).stemWord
    return stem
