"""Reads the text of charts and diagrams, which a Word document keeps in files of their own."""

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from mirage.parse.characters.cleaning import one_line
from mirage.parse.docx.elements import attribute, number

# guesses: a chart of more is a picture of a measurement
_MAX_SERIES = 50
_MAX_POINTS = 10_000


def read_diagram(root: etree._Element) -> str:
    """Return the words of a diagram (SmartArt), a shape per line."""
    shapes = (_words(shape) for shape in root.iter("{*}t") if len(shape))
    return "\n".join(words for words in shapes if words)


def read_chart(root: etree._Element) -> str:
    """Return the titles of a chart, then its values as a table, a category per line."""
    titles = [_words(title) for title in root.iter("{*}title")]
    lines = [title for title in titles if title]
    series = list(islice(root.iter("{*}ser"), _MAX_SERIES))
    values = [_points(each, ("val", "yVal")) for each in series]
    categories = next(filter(None, (_points(each, ("cat", "xVal")) for each in series)), {})
    if any(values):
        names = [next(iter(_points(each, ("tx",)).values()), "") for each in series]
        lines.append("\t".join(["", *names]))
        places = sorted({*categories, *(place for each in values for place in each)})
        lines += [
            "\t".join([categories.get(at, ""), *(each.get(at, "") for each in values)])
            for at in places
        ]
    return "\n".join(lines)


def _words(element: etree._Element) -> str:
    paragraphs = [
        "".join(str(text.text or "") for text in paragraph.iter("{*}t"))
        for paragraph in element.iter("{*}p")
    ]
    return one_line(" ".join(paragraphs))


def _points(series: etree._Element, names: tuple[str, ...]) -> dict[int, str]:
    """Return the cached texts or numbers of a series by their places."""
    found: dict[int, str] = {}
    for point in _all_points(series, names):
        value = next(point.iter("{*}v"), None)
        at = number(attribute(point, "idx"), len(found))
        if value is not None and len(found) < _MAX_POINTS:
            found.setdefault(at, one_line(value.text or ""))
    return found


def _all_points(series: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
    for name in names:
        for source in series.iterfind(f"{{*}}{name}"):
            yield from source.iter("{*}pt")
