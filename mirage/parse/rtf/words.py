"""Reads control words: what changes the text that follows, or ends a part of it."""

from collections.abc import Callable
from dataclasses import replace

from mirage.parse.characters.symbol_fonts import symbol
from mirage.parse.rtf.flows import PARAGRAPH, PLAIN
from mirage.parse.rtf.state import State
from mirage.parse.rtf.styles import level_of

_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)


def end_paragraph(state: State, number: int | None = None) -> None:
    """End the current paragraph; in words, leave a blank."""
    flow, group = state.group.flow, state.group
    if flow is not None:
        level = level_of(group.outline)
        if level is None:
            level = state.styles.level(group.style)
        is_title = state.styles.is_title(group.style)
        kind = group.paragraph
        if level is not None or is_title:
            kind = replace(kind, level=level, is_title=is_title)
        flow.end_paragraph(kind)
    else:
        state.write(" ")


def _end_cell(state: State, number: int | None) -> None:
    if state.group.flow is not None:
        state.group.flow.end_cell()


def _end_nested_cell(state: State, number: int | None) -> None:
    state.write("\n")


def _begin_row(state: State, number: int | None) -> None:
    state.group.covered = False
    if state.group.flow is not None:
        state.group.flow.begin_row()


def _end_row(state: State, number: int | None) -> None:
    if state.group.flow is not None:
        state.group.flow.end_row()


def _add_edge(state: State, number: int | None) -> None:
    if state.group.flow is not None:
        state.group.flow.add_edge(number or 0, covered=state.group.covered)
    state.group.covered = False


def _cover(state: State, number: int | None) -> None:
    state.group.covered = True


def _reset_paragraph(state: State, number: int | None) -> None:
    state.group.paragraph, state.group.style, state.group.outline = PARAGRAPH, 0, None


def _put_in_table(state: State, number: int | None) -> None:
    state.group.paragraph = replace(state.group.paragraph, in_table=number != 0)


def _set_depth(state: State, number: int | None) -> None:
    state.group.paragraph = replace(state.group.paragraph, depth=max(number or 0, 0))


def _set_style(state: State, number: int | None) -> None:
    if state.group.table == "styles":
        state.styles.begin(number or 0)
    state.group.style = number or 0


def _set_outline(state: State, number: int | None) -> None:
    if state.group.table == "styles":
        state.styles.set_outline(number)
    state.group.outline = number


def _reset_look(state: State, number: int | None) -> None:
    state.group.look, state.group.hidden, state.group.font = PLAIN, False, None


def _set_font(state: State, number: int | None) -> None:
    if state.group.table == "fonts":
        state.fonts.begin(number or 0)
    else:
        state.group.font = number or 0


def _set_charset(state: State, number: int | None) -> None:
    if state.group.table == "fonts":
        state.fonts.set_charset(number or 0)


def _set_code_page(state: State, number: int | None) -> None:
    if state.group.table == "fonts":
        state.fonts.set_code_page(number or 0)


def _set_fallback(state: State, number: int | None) -> None:
    state.group.fallback = max(number if number is not None else 1, 0)


def _raise(state: State, number: int | None) -> None:
    _set_script(state, "superscript", number)


def _lower(state: State, number: int | None) -> None:
    _set_script(state, "subscript", number)


def _set_script(state: State, script: str, number: int | None) -> None:
    state.group.look = replace(state.group.look, script=None if number == 0 else script)


def _end_script(state: State, number: int | None) -> None:
    state.group.look = replace(state.group.look, script=None)


def _strike(state: State, number: int | None) -> None:
    state.group.look = replace(state.group.look, struck=number != 0)


def _hide(state: State, number: int | None) -> None:
    state.group.hidden = number != 0


def _write_unicode(state: State, number: int | None) -> None:
    code = (number or 0) % 0x10000 if (number or 0) < 0 else (number or 0)
    state.skip = state.group.fallback
    if code in _HIGH:
        state.surrogate = code
        return
    if code in _LOW and state.surrogate:
        code = 0x10000 + ((state.surrogate - _HIGH.start) << 10) + code - _LOW.start
    state.write(symbol(state.font.name, code))


CHARACTERS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "emspace": " ",
    "enspace": " ", "qmspace": " ", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "zwj": "\u200d", "zwnj": "\u200c", "ltrmark": "",
    "rtlmark": "", "zwbo": "", "zwnbo": "",
}  # fmt: skip
WORDS: dict[str, Callable[[State, int | None], None]] = {
    **dict.fromkeys(("par", "sect", "page", "column"), end_paragraph),
    "cell": _end_cell,
    "nestcell": _end_nested_cell,
    "nestrow": _end_nested_cell,
    "trowd": _begin_row,
    "row": _end_row,
    "cellx": _add_edge,
    "clvmrg": _cover,
    "pard": _reset_paragraph,
    "intbl": _put_in_table,
    "ilvl": _set_depth,
    "s": _set_style,
    "outlinelevel": _set_outline,
    "plain": _reset_look,
    "f": _set_font,
    "fcharset": _set_charset,
    "cpg": _set_code_page,
    "uc": _set_fallback,
    "u": _write_unicode,
    **dict.fromkeys(("super", "up"), _raise),
    **dict.fromkeys(("sub", "dn"), _lower),
    "nosupersub": _end_script,
    **dict.fromkeys(("strike", "striked"), _strike),
    **dict.fromkeys(("v", "deleted"), _hide),
}
"""What changes the text that follows, or ends a part of it."""
