from pathlib import Path
from zipfile import ZipFile

import pytest

from mirage.errors import Damaged, Encrypted, NoText, UnsafeArchive
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_epub, make_zip

ONE = "<h1>One</h1><p>First words.</p>"
NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
<navPoint><navLabel><text>Part A</text></navLabel><content src="a.xhtml"/>
<navPoint><navLabel><text>Deep</text></navLabel><content src="a.xhtml#d"/></navPoint>
</navPoint></navMap></ncx>"""


def read(path: Path) -> Parsed:
    return parse(path, MediaType.EPUB)


def cipher(target: str) -> str:
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData>'
        f'<CipherReference URI="{target}"/></CipherData></EncryptedData></encryption>'
    )


def test_sections_follow_the_spine_and_take_their_titles_from_the_contents(tmp_path: Path) -> None:
    path = make_epub(
        tmp_path / "a.epub",
        {"z.xhtml": "<h1>1</h1><h2>Loomings</h2><p>Call me.</p>", "a.xhtml": "<p>Two.</p>"},
        title="The &  Whale",
        contents=[("Chapter 2", "a.xhtml"), ("Chapter 1. Loomings", "z.xhtml")],
    )
    parsed = read(path)
    assert parsed.title == "The & Whale"
    assert parsed.sections == (
        Section("1\n\nLoomings\n\nCall me.", ("Chapter 1. Loomings",)),
        Section("Two.", ("Chapter 2",)),
    )


def test_fragments_of_the_contents_cut_a_file(tmp_path: Path) -> None:
    body = "<p>Start.</p><p id='b'>B <i id='c'>mid</i> end.</p><p>More.</p><h2 id='d'>D</h2>d"
    path = make_epub(
        tmp_path / "a.epub",
        {"a.xhtml": body},
        contents=[("A", "a.xhtml"), ("B", "a.xhtml#b"), ("D", "a.xhtml#d")],
    )
    assert read(path).sections == (
        Section("Start.", ("A",)),
        Section("B mid end.\n\nMore.", ("B",)),
        Section("D\n\nd", ("D",)),
    )


def test_headings_refine_what_the_contents_list(tmp_path: Path) -> None:
    body = "<h1>One</h1><p>a</p><h2>Sub</h2><p>b</p><h3>Deep</h3><p>c</p><h2>Next</h2><p>d</p>"
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": body}, contents=[("One", "a.xhtml")])
    assert [(section.heading_path, section.text[-1]) for section in read(path).sections] == [
        (("One",), "a"),
        (("One", "Sub"), "b"),
        (("One", "Sub", "Deep"), "c"),
        (("One", "Next"), "d"),
    ]


def test_file_without_heading_goes_on_with_the_chapter_before(tmp_path: Path) -> None:
    path = make_epub(
        tmp_path / "a.epub",
        {"a.xhtml": ONE, "b.xhtml": "<p>Still one.</p>", "c.xhtml": "<h1>Colophon</h1><p>x</p>"},
        contents=[("One", "a.xhtml")],
    )
    assert [section.heading_path for section in read(path).sections] == [
        ("One",),
        ("One",),
        ("Colophon",),
    ]


def test_contents_of_epub_2_are_read(tmp_path: Path) -> None:
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
        '<spine toc="n"><itemref idref="a"/></spine></package>'
    )
    path = make_epub(
        tmp_path / "a.epub",
        {"a.xhtml": "<p>Start.</p><h3 id='d'>Deep</h3><p>Below.</p>"},
        extra={"OEBPS/book.opf": opf, "OEBPS/toc.ncx": NCX},
    )
    assert read(path).sections == (
        Section("Start.", ("Part A",)),
        Section("Deep\n\nBelow.", ("Part A", "Deep")),
    )
    assert read(path).title is None


def test_items_that_are_not_linear_come_last(tmp_path: Path) -> None:
    chapters = {"notes.xhtml": "<p>Note.</p>", "a.xhtml": "<p>Text.</p>"}
    path = make_epub(tmp_path / "a.epub", chapters, not_linear=["notes.xhtml"])
    assert [section.text for section in read(path).sections] == ["Text.", "Note."]


def test_notes_and_entities_are_kept_and_printed_page_numbers_are_not(tmp_path: Path) -> None:
    body = (
        "<p>Known&nbsp;since 1820<a epub:type='noteref' href='#n'>1</a> as"
        "<span epub:type='pagebreak'>17</span> na&iuml;ve.</p>"
        "<aside epub:type='footnote' id='n' hidden=''><p>1. See there.</p></aside>"
        "<aside role='doc-footnote' style='display: none'><p>2. And there.</p></aside>"
    )
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": body})
    assert read(path).sections == (
        Section("Known since 1820[1] as naïve."),
        Section("1. See there.\n\n2. And there.", (), 17, "17"),
    )


@pytest.mark.parametrize("target", ["../../../etc/passwd", "/etc/passwd", "..\\..\\x.xhtml"])
def test_reference_out_of_the_archive_is_refused(tmp_path: Path, target: str) -> None:
    path = make_epub(tmp_path / "a.epub", {target: ONE}, extra={})
    # The entry itself stays inside: only the package's reference leads out.
    opf = path.with_name("b.epub")
    make_zip(opf, _entries_without(path, f"OEBPS/{target}"))
    with pytest.raises(UnsafeArchive):
        read(opf)


@pytest.mark.parametrize("target", ["../../../../etc/passwd", "file:///etc/passwd", "C:\\\\x"])
def test_entry_of_the_contents_that_leads_out_of_the_book_is_passed_over(
    tmp_path: Path, target: str
) -> None:
    contents = [("One", target), ("Two", "b.xhtml")]
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE, "b.xhtml": ONE}, contents=contents)
    assert read(path).warnings == ("The table of contents has 1 entry that leads out of the book.",)
    assert [section.heading_path[:1] for section in read(path).sections][-1] == ("Two",)


def test_entry_of_the_contents_may_begin_at_the_root_of_the_archive(tmp_path: Path) -> None:
    chapters = {"a.xhtml": "<p>One.</p>", "b.xhtml": "<p>Two.</p>"}
    contents = [("First", "/OEBPS/a.xhtml"), ("Second", "/OEBPS/b.xhtml")]
    path = make_epub(tmp_path / "a.epub", chapters, contents=contents)
    assert read(path).sections == (Section("One.", ("First",)), Section("Two.", ("Second",)))


@pytest.mark.parametrize(
    ("listed", "stored"),
    [
        ("text/a.xhtml", "Text/A.xhtml"),
        ("ch%201.xhtml", "ch%201.xhtml"),
        ("ä.xhtml", "a\u0308.xhtml"),
    ],
)
def test_names_are_found_in_other_spellings(tmp_path: Path, listed: str, stored: str) -> None:
    path = make_epub(tmp_path / "a.epub", {listed: "<p>Text.</p>"}, contents=[("One", listed)])
    entries = _entries_without(path, f"OEBPS/{listed}")
    content = "<html><body><p>Text.</p></body></html>"
    found = read(make_zip(tmp_path / "b.epub", entries | {f"OEBPS/{stored}": content}))
    assert found.sections == (Section("Text.", ("One",)),)
    assert found.warnings == ()


def test_entry_of_two_names_that_differ_in_case_is_not_guessed(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE, "b.xhtml": ONE})
    entries = _entries_without(path, "OEBPS/a.xhtml")
    both = {"OEBPS/A.xhtml": ONE, "OEBPS/A.XHTML": ONE}
    found = read(make_zip(tmp_path / "b.epub", entries | both))
    assert found.warnings == ("A part of the book is missing in the file: OEBPS/a.xhtml.",)


PAGES = (
    "<p>Begin.</p>"
    "<p>Before. <span epub:type='pagebreak' id='p17' title='17'/>On page seventeen.</p>"
    "<p><span role='doc-pagebreak' aria-label='page 18'/>On page eighteen.</p><p>Still.</p>"
    "<p>Most of this is on page eighteen. <span epub:type='pagebreak'>xix</span>End.</p>"
    "<p>Last.</p>"
)


def test_pages_of_the_printed_book_are_cited(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": PAGES, "b.xhtml": "<p>Next.</p>"})
    assert read(path).sections == (
        Section("Begin."),
        Section("Before. On page seventeen.", (), 17, "17"),
        Section(
            "On page eighteen.\n\nStill.\n\nMost of this is on page eighteen. End.", (), 18, "18"
        ),
        Section("Last.", (), None, "xix"),
        Section("Next.", (), None, "xix"),
    )


def test_list_of_pages_names_places_without_a_mark(tmp_path: Path) -> None:
    body = "<p>A.</p><p id='x'>B.</p><p id='y'>C.</p>"
    nav = (
        "<nav epub:type='page-list'><ol><li><a href='a.xhtml'>3</a></li>"
        "<li><a href='a.xhtml#x'>Page 4</a></li><li><a href='a.xhtml#none'>5</a></li>"
        "<li><a href='a.xhtml#y'>A sentence that is no label</a></li></ol></nav>"
    )
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": body}, contents=[])
    entries = _entries_without(path, "OEBPS/nav.xhtml")
    page = f"<html xmlns:epub='http://www.idpf.org/2007/ops'><body>{nav}</body></html>"
    found = read(make_zip(tmp_path / "b.epub", entries | {"OEBPS/nav.xhtml": page}))
    assert found.sections == (Section("A.", (), 3, "3"), Section("B.\n\nC.", (), 4, "4"))


def test_encrypted_text_is_refused(tmp_path: Path) -> None:
    extra = {"META-INF/encryption.xml": cipher("OEBPS/a.xhtml")}
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE}, extra=extra)
    with pytest.raises(Encrypted) as caught:
        read(path)
    assert str(caught.value) == "The EPUB is protected by digital rights management (DRM)."


def test_obfuscated_fonts_are_no_obstacle(tmp_path: Path) -> None:
    extra = {"META-INF/encryption.xml": cipher("OEBPS/fonts/a.otf")}
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE}, extra=extra)
    assert len(read(path).sections) == 1


def test_missing_part_of_the_book_is_a_warning(tmp_path: Path) -> None:
    whole = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE, "b.xhtml": ONE})
    path = make_zip(tmp_path / "b.epub", _entries_without(whole, "OEBPS/b.xhtml"))
    parsed = read(path)
    assert len(parsed.sections) == 1
    assert parsed.warnings == ("A part of the book is missing in the file: OEBPS/b.xhtml.",)


def test_damaged_part_of_the_book_is_left_out_with_a_warning(tmp_path: Path) -> None:
    chapters = {"a.xhtml": "<div>" * 3000 + "deep", "b.xhtml": ONE}
    parsed = read(make_epub(tmp_path / "a.epub", chapters))
    assert [section.text for section in parsed.sections] == ["One\n\nFirst words."]
    assert parsed.warnings == ("A part of the book is damaged and was left out: OEBPS/a.xhtml.",)
    del chapters["b.xhtml"]
    with pytest.raises(Damaged, match="the files of its text cannot be read"):
        read(make_epub(tmp_path / "a.epub", chapters))


def test_every_item_of_the_spine_is_read_or_named(tmp_path: Path) -> None:
    items = [
        '<item id="1" href="1.htm" media-type="application/xhtml"/>',
        '<item id="2" href="2.htm" media-type="text/html; charset=utf-8"/>',
        '<item id="3" href="3.txt" media-type="text/plain"/>',
        '<item id="4" href="4.pdf" media-type="application/pdf" fallback="5"/>',
        '<item id="6" href="6.pdf" media-type="application/pdf" fallback="7"/>',
        '<item id="7" href="7.swf" media-type="application/swf" fallback="6"/>',
    ]
    fallback = '<item id="5" href="5.htm" media-type="text/html"/>'
    spine = "".join(f'<itemref idref="{at}"/>' for at in "123468")
    opf = (
        f"<package><manifest>{''.join(items)}{fallback}</manifest><spine>{spine}</spine></package>"
    )
    path = make_zip(
        tmp_path / "a.epub",
        _entries_without(make_epub(tmp_path / "b.epub", {}), "")
        | {"OEBPS/book.opf": opf, "OEBPS/3.txt": "Plain <b>\nlines\n"}
        | {f"OEBPS/{at}.htm": f"<p>Part {at}</p>" for at in (1, 2, 5)},
    )
    parsed = read(path)
    assert [section.text for section in parsed.sections] == (
        ["Part 1", "Part 2", "Plain <b>\nlines", "Part 5"]
    )
    assert parsed.warnings == (
        "A part of the book is not text that can be read: 6.pdf.",
        "A part of the book is not text that can be read: 8.",
    )


def test_a_few_parts_that_cannot_be_read_stand_for_many(tmp_path: Path) -> None:
    chapters = {f"{at:02}.xhtml": ONE for at in range(30)}
    whole = make_epub(tmp_path / "a.epub", chapters)
    entries = _entries_without(whole, "")
    kept = {
        name: entry for name, entry in entries.items() if not name[6:].startswith(("0", "1", "20"))
    }
    path = make_zip(tmp_path / "b.epub", kept)
    assert read(path).warnings[20:] == ("The same is true of 1 more of its parts.",)


def test_navigation_that_says_only_that_it_is_some_is_read(tmp_path: Path) -> None:
    nav = "<nav role='navigation'><ol><li><a href='a.xhtml'>First</a></li></ol></nav>"
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": "<p>x</p>"}, extra={"OEBPS/nav.xhtml": nav})
    assert read(path).sections == (Section("x", ("First",)),)


@pytest.mark.parametrize(
    ("contents", "paths"),
    [
        ([("Gone", "a.xhtml#x")], [("Gone",), ("Gone", "Two")]),
        ([("Gone", "a.xhtml#x"), ("A", "a.xhtml#a")], [("One",), ("A",)]),
        ([("Gone", "a.xhtml#x"), ("Lost", "a.xhtml#y")], [("Gone",), ("Gone", "Two")]),
        ([("One", "a.xhtml#x"), ("Two", "a.xhtml#y")], [("One",), ("Two",)]),
        ([("One", "a.xhtml"), ("B", "a.xhtml#b")], [("One",), ("B",)]),
    ],
)
def test_contents_that_lead_nowhere_make_no_chapter_a_part_of_its_sibling(
    tmp_path: Path, contents: list[tuple[str, str]], paths: list[tuple[str, ...]]
) -> None:
    body = "<h1>One</h1><p>a</p><h1 id='a' xml:id='b'>Two</h1><p>b</p>"
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": body}, contents=contents)
    assert [section.heading_path for section in read(path).sections] == paths


def test_damaged_table_of_contents_costs_no_text(tmp_path: Path) -> None:
    nav = "<nav>" + "<ol><li>" * 1500
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE}, extra={"OEBPS/nav.xhtml": nav})
    assert len(read(path).sections) == 1


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("META-INF/container.xml", "The EPUB is damaged: META-INF/container.xml is missing."),
        ("OEBPS/book.opf", "The EPUB is damaged: OEBPS/book.opf is missing."),
        ("OEBPS/a.xhtml", "The EPUB is damaged: the files of its text are missing."),
    ],
)
def test_book_without_an_essential_part_is_damaged(
    tmp_path: Path, missing: str, sentence: str
) -> None:
    whole = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE})
    path = make_zip(tmp_path / "b.epub", _entries_without(whole, missing))
    with pytest.raises(Damaged) as caught:
        read(path)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("META-INF/container.xml", "<container/>", "its container names no package"),
        ("OEBPS/book.opf", "<package/>", "its package lists no text"),
        ("OEBPS/book.opf", "", "one of its files holds no markup"),
    ],
)
def test_book_with_a_useless_part_is_damaged(
    tmp_path: Path, name: str, content: str, sentence: str
) -> None:
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE}, extra={name: content})
    with pytest.raises(Damaged, match=sentence):
        read(path)


def test_truncated_book_is_damaged(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": ONE})
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Damaged):
        read(path)


def test_book_of_pictures_has_no_text(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "a.epub", {"a.xhtml": "<p><img src='1.png' alt='page 1'/></p>"})
    with pytest.raises(NoText):
        read(path)


def _entries_without(path: Path, name: str) -> dict[str, str | bytes]:
    with ZipFile(path) as archive:
        return {entry: archive.read(entry) for entry in archive.namelist() if entry != name}
