"""Superscripts and subscripts in plain text, so that 10⁶ is not read as 106."""

_RAISED = dict(zip("0123456789+-\N{MINUS SIGN}", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻", strict=True))
_LOWERED = dict(zip("0123456789", "₀₁₂₃₄₅₆₇₈₉", strict=True))


def raised(text: str) -> str | None:
    """The text in superscript characters; None unless there is one for each of its own."""
    return _translate(text, _RAISED)


def lowered(text: str) -> str | None:
    """The text in subscript characters; None unless there is one for each of its own."""
    return _translate(text, _LOWERED)


def _translate(text: str, table: dict[str, str]) -> str | None:
    known = bool(text) and all(character in table for character in text)
    return "".join(table[character] for character in text) if known else None
