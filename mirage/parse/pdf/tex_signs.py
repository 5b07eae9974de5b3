"""Writes the signs of TeX's fonts for formulas that pdfium does not know by their names."""

import unicodedata
from collections.abc import Mapping

_SYMBOLS = (
    "−·×∗÷⋄±∓⊕⊖⊗⊘⊙○∘•≍≡⊆⊇≤≥≼≽∼≈⊂⊃≪≫≺≻←→↑↓↔↗↘≃⇐⇒⇑⇓⇔↖↙∝′∞∈∋△▽\u0338↦∀∃¬∅ℜℑ⊤⊥ℵ"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ∪∩⊎∧∨⊢⊣⌊⌋⌈⌉{}⟨⟩|‖↕⇕\\≀√∐∇∫⊔⊓⊑⊒§†‡¶♣♦♥♠"
)
# Of the large signs, only the operators; brackets come in pieces.
_LARGE = dict(zip("PXQYRZS[T\\`aprst", "∑∑∏∏∫∫⋃⋃⋂⋂∐∐√√√√", strict=True))
_CIRCLED = {"c": "©", "R": "®"}
_NEGATION, _MAPS_TO = "\u0338", "↦"
_FONTS: Mapping[str, Mapping[str, str]] = {
    "CMSY": {chr(code): sign for code, sign in enumerate(_SYMBOLS)},
    "CMEX": {**dict.fromkeys(map(chr, range(128)), " "), **_LARGE},
}


def signs_of(font: str) -> Mapping[str, str] | None:
    """Return the signs of a font by their code; None for other fonts."""
    return next((signs for name, signs in _FONTS.items() if name in font), None)


def write_sign(kept: list[str], at: int, sign: str) -> None:
    """Put the sign there; a stroke, and the foot of an arrow, become one with the sign after it."""
    following = kept[at + 1] if at + 1 < len(kept) else ""
    joined = ""
    if sign == _NEGATION:
        joined = unicodedata.normalize("NFC", following + _NEGATION)
    elif sign == "○":
        joined = _CIRCLED.get(following, "")
    elif sign == _MAPS_TO and following == "→":
        joined = _MAPS_TO
    if len(joined) == 1 and following.strip():
        kept[at], kept[at + 1] = "\0", joined
    else:
        kept[at] = " " if sign == _NEGATION else sign
