"""Writes superscripts and subscripts as plain text, so that 10⁶ is not read as 106."""

RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
LOWERED_DIGITS = "₀₁₂₃₄₅₆₇₈₉"
RAISED = dict(zip("0123456789+-\N{MINUS SIGN}", f"{RAISED_DIGITS}⁺⁻⁻", strict=True))
LOWERED = dict(zip("0123456789", LOWERED_DIGITS, strict=True))


def raised(text: str) -> str | None:
    """Return the text in superscript characters; None unless each character has one."""
    return _translate(text, RAISED)


def lowered(text: str) -> str | None:
    """Return the text in subscript characters; None unless each character has one."""
    return _translate(text, LOWERED)


def _translate(text: str, table: dict[str, str]) -> str | None:
    known = bool(text) and all(character in table for character in text)
    return "".join(table[character] for character in text) if known else None
