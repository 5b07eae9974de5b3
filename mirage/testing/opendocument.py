"""Makes OpenDocument files."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from mirage.testing.documents import make_zip

_NAME = "urn:oasis:names:tc:opendocument:xmlns"
_MARKUP = " ".join(
    f'xmlns:{prefix}="{_NAME}:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "draw": "drawing",
        "style": "style",
        "presentation": "presentation",
        "svg": "svg-compatible",
    }.items()
)
_LINKS = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
_DUBLIN = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'

Extra = Mapping[str, str | bytes] | None


def make_ods(path: Path, sheets: Mapping[str, str], *, extra: Extra = None) -> Path:
    """Create an OpenDocument spreadsheet from the markup of the rows of its sheets.

    Tables have the prefix `table`, texts `text`, values `office`. `extra` entries replace generated
    ones.
    """
    tables = "".join(
        f'<table:table table:name="{escape(sheet)}">{rows}</table:table>'
        for sheet, rows in sheets.items()
    )
    return _make(path, "spreadsheet", tables, "", extra)


def make_odt(path: Path, body: str, *, styles: str = "", extra: Extra = None) -> Path:
    """Create an OpenDocument text from the markup of its body and of its styles.

    Prefixes are those of the standard. `extra` entries replace generated ones.
    """
    return _make(path, "text", body, styles, extra)


def make_odp(path: Path, slides: Sequence[str], *, styles: str = "", extra: Extra = None) -> Path:
    """Create an OpenDocument presentation from the markup of the shapes of its slides.

    Prefixes are those of the standard. `extra` entries replace generated ones.
    """
    pages = "".join(f"<draw:page>{shapes}</draw:page>" for shapes in slides)
    return _make(path, "presentation", pages, styles, extra)


def _make(path: Path, kind: str, body: str, styles: str, extra: Extra) -> Path:
    entries: dict[str, str | bytes] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f"<office:document-content {_MARKUP} {_LINKS} {_DUBLIN}>"
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>"
        ),
    }
    return make_zip(path, entries | dict(extra or {}))
