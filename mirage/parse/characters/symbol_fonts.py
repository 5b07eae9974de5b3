"""Maps the numbers by which Word writes signs of the fonts Symbol and Wingdings to characters."""

# The font Symbol from 0x20, by Adobe's "Symbol Set and Encoding"; a blank means no sign.
_SYMBOL = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"  # noqa: E501
    + " " * 33
    + "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"  # noqa: E501
)
# The signs of Wingdings that carry meaning: boxes, ticks, crosses and arrows.
_WINGDINGS = {
    0x6F: "□", 0x70: "□", 0x71: "□", 0x72: "□", 0x78: "☒", 0xA8: "□", 0xDF: "←", 0xE0: "→",
    0xE1: "↑", 0xE2: "↓", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_FIRST = 0x20
_OWN = 0xF000  # A font's own signs begin here.
_PRIVATE = range(0xE000, 0xF900)
_SURROGATES = range(0xD800, 0xE000)


def symbol(font: str, code: int) -> str:
    """Return the sign of that number; empty if it has no meaning without its font."""
    at = code - _OWN if code >= _OWN else code
    if font.lower() == "symbol" and _FIRST <= at < _FIRST + len(_SYMBOL):
        return _SYMBOL[at - _FIRST].strip()
    if font.lower() == "wingdings":
        return _WINGDINGS.get(at, "")
    is_text = _FIRST <= code <= 0x10FFFF and code not in _SURROGATES and code not in _PRIVATE
    return chr(code) if is_text else ""


def has_own_signs(font: str) -> bool:
    """Return whether a font shows signs of its own for letters, and `symbol` knows them."""
    return font.lower() in ("symbol", "wingdings")
