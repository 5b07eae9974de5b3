"""Makes presentations."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mirage.testing.documents import RELATIONS, make_zip, relations

_MARKUP = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    f' xmlns:r="{RELATIONS}"'
)


def make_pptx(
    path: Path,
    slides: Sequence[str],
    *,
    notes: Mapping[int, str] | None = None,
    links: Sequence[str] = (),
    related: Mapping[str, str] | None = None,
    extra: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Create a PowerPoint presentation from the markup of the shapes of its slides.

    Shapes have the prefix `p`, text the prefix `a`. `notes` are shapes, by slides from 1; the links
    of each slide are called `link0`, `link1` and so on. `related` are further parts of each slide
    by their kind, such as `chart`, which is also the id of their relation. `extra` entries replace
    generated ones.
    """
    package = "http://schemas.openxmlformats.org/package/2006"
    listed = "".join(
        f'<p:sldId id="{255 + number}" r:id="s{number}"/>' for number in range(1, len(slides) + 1)
    )
    slide_relations = "".join(
        f'<Relationship Id="s{number}" Type="{RELATIONS}/slide" Target="slides/s{number}.xml"/>'
        for number in range(1, len(slides) + 1)
    )
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types"><Override PartName="/ppt/presentation.xml"'
            ' ContentType="application/vnd.openxmlformats-officedocument.presentationml'
            '.presentation.main+xml"/></Types>'
        ),
        "_rels/.rels": relations({f"{RELATIONS}/officeDocument": "ppt/presentation.xml"}),
        "ppt/presentation.xml": (
            f"<p:presentation {_MARKUP}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
        ),
        "ppt/_rels/presentation.xml.rels": (
            f'<Relationships xmlns="{package}/relationships">{slide_relations}</Relationships>'
        ),
    }
    for number, shapes in enumerate(slides, 1):
        targets = {f"{RELATIONS}/{kind}": f"{kind}.xml" for kind in related or {}}
        if noted := (notes or {}).get(number):
            targets[f"{RELATIONS}/notesSlide"] = f"n{number}.xml"
            entries[f"ppt/slides/n{number}.xml"] = _slide("notes", noted)
        entries[f"ppt/slides/s{number}.xml"] = _slide("sld", shapes)
        entries[f"ppt/slides/_rels/s{number}.xml.rels"] = relations(targets, links)
    entries |= {f"ppt/slides/{kind}.xml": part for kind, part in (related or {}).items()}
    return make_zip(path, entries | dict(extra or {}))


def _slide(name: str, shapes: str) -> str:
    return (
        f"<p:{name} {_MARKUP}><p:cSld><p:spTree><p:nvGrpSpPr/><p:grpSpPr/>{shapes}</p:spTree>"
        f"</p:cSld></p:{name}>"
    )
