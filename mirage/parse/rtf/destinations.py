"""Reads groups that stand apart from the text around them: notes, boxes, fields, font tables."""

import re
from collections.abc import Callable
from dataclasses import replace

from mirage.parse.blocks import Line
from mirage.parse.links import address_to_add, linked_address
from mirage.parse.rtf.flows import Flow, texts
from mirage.parse.rtf.state import DrawingProperty, Field, State


def _pass_by(state: State, word: str) -> None:
    """Leave the text out, unless a group within says that it is part of the document."""
    state.group.leave_out()


def _restore(state: State, word: str) -> None:
    state.group.sink = state.group.host


def _begin_table(state: State, word: str) -> None:
    state.group.table = {"fonttbl": "fonts", "stylesheet": "styles"}[word]
    state.group.leave_out()


def _begin_other_style(state: State, word: str) -> None:
    if state.group.table == "styles":
        state.styles.begin(None)


def _begin_note(state: State, word: str) -> None:
    if isinstance(state.group.sink, Flow) and not state.group.hidden:
        state.notes += 1
        mark = f"[{state.notes}]"
        state.group.sink.line.write_mark(mark)

        def end(flow: Flow, line: Line | None) -> None:
            text = "\n".join(texts(flow.finish()))
            if text and line is not None:
                line.notes.append(f"{mark} {text}")

        state.begin_flow(end)
    else:
        state.group.leave_out()


def _begin_box(state: State, word: str) -> None:
    def end(flow: Flow, line: Line | None) -> None:
        if line is not None:
            line.boxes += flow.finish()

    state.begin_flow(end)


def _begin_margin(state: State, word: str) -> None:
    texts_so_far = state.margins["header" if word.startswith("header") else "footer"]

    def end(flow: Flow, line: Line | None) -> None:
        texts_so_far["\n".join(texts(flow.finish()))] = None

    state.begin_flow(end)


def _begin_comment(state: State, word: str) -> None:
    def end(flow: Flow, line: Line | None) -> None:
        author, state.author = state.author, ""
        if text := "\n".join(texts(flow.finish())):
            state.comments.append(f"{author}: {text}" if author else text)

    state.begin_flow(end)


def _begin_author(state: State, word: str) -> None:
    def end(text: str) -> None:
        state.author = text

    state.begin_words(end)


def _begin_title(state: State, word: str) -> None:
    def end(text: str) -> None:
        state.title = text

    state.begin_words(end)


def _begin_label(state: State, word: str) -> None:
    flow = state.group.sink
    if not isinstance(flow, Flow):
        return

    def end(text: str) -> None:
        flow.label = text or "•"  # A sign that has no meaning without its font.

    state.begin_words(end)


def _begin_field(state: State, word: str) -> None:
    state.group.field = Field()


def _begin_code(state: State, word: str) -> None:
    known = state.group.field

    def end(text: str) -> None:
        if known is not None:
            known.code = text

    state.begin_words(end)


def _begin_result(state: State, word: str) -> None:
    known, flow = state.group.field, state.group.sink
    address = linked_address(known.code) if known is not None else None
    if address is None or not isinstance(flow, Flow):
        return
    line = flow.line
    place = line.place()

    def end() -> None:
        if added := address_to_add(address, line.text_since(place)):
            line.write(f" ({added})")

    state.group.end = end


def _begin_property(state: State, word: str) -> None:
    state.group.drawing = DrawingProperty()
    state.group.leave_out()


def _begin_property_name(state: State, word: str) -> None:
    known = state.group.drawing

    def end(text: str) -> None:
        if known is not None:
            known.name = text

    state.begin_words(end)


def _begin_property_value(state: State, word: str) -> None:
    known, host = state.group.drawing, state.group.host
    if known is None or known.name != "wzDescription" or not isinstance(host, Flow):
        state.group.leave_out()
        return
    line = host.line

    def end(text: str) -> None:
        line.write(f"[{text}]" if text else "")

    state.begin_words(end)


def _begin_fraction(state: State, word: str) -> None:
    state.group.end = lambda: state.write("/")


def _begin_root(state: State, word: str) -> None:
    state.write("√(")
    state.group.end = lambda: state.write(")")


def _begin_script(state: State, word: str) -> None:
    script = "superscript" if word == "msup" else "subscript"
    state.group.look = replace(state.group.look, script=script)


DESTINATIONS: dict[str, Callable[[State, str], None]] = {
    **dict.fromkeys(("fonttbl", "stylesheet"), _begin_table),
    **dict.fromkeys(("cs", "ds", "ts", "tsrowd"), _begin_other_style),
    "footnote": _begin_note,
    **dict.fromkeys(("shptxt", "dptxbxtext"), _begin_box),
    **dict.fromkeys(
        tuple(f"{place}{side}" for place in ("header", "footer") for side in ("", "l", "r", "f")),
        _begin_margin,
    ),
    "annotation": _begin_comment,
    "atnauthor": _begin_author,
    "title": _begin_title,
    **dict.fromkeys(("listtext", "pntext"), _begin_label),
    "field": _begin_field,
    "fldinst": _begin_code,
    "fldrslt": _begin_result,
    "sp": _begin_property,
    "sn": _begin_property_name,
    "sv": _begin_property_value,
    "mnum": _begin_fraction,
    "mrad": _begin_root,
    **dict.fromkeys(("msup", "msub"), _begin_script),
    # Drawings, the properties of the document, and text in two encodings.
    **dict.fromkeys(("shpinst", "do", "info", "upr", "picprop"), _pass_by),
    **dict.fromkeys(("ud", "moMath", "moMathPara", "nesttableprops"), _restore),
}
"""How groups that begin with these words are read."""

_LEFT_OUT = frozenset(
    ("colortbl", "filetbl", "listtable", "listoverridetable", "pict", "nonshppict", "shprslt",
     "objdata", "xe", "tc", "tcn", "nonesttables", "mmathPict", "rxe", "bkmkstart",
     "bkmkend", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "revtbl", "pn",
     "author", "subject", "operator", "keywords", "comment", "doccomm", "company", "template",
     "generator", "datafield", "formfield", "themedata", "docvar", "ffname", "creatim", "revtim")
)  # fmt: skip
_PROPERTIES = re.compile(r"m[A-Za-z]+Pr")


def is_left_out(word: str) -> bool:
    """Return whether a group that begins with the word is no text, although it has no star."""
    return word in _LEFT_OUT or _PROPERTIES.fullmatch(word) is not None
