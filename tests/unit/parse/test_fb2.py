from importlib import import_module
from pathlib import Path

import pytest

from mirage.errors import Blank, Damaged, UnsafeArchive
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_fb2, make_zip

ONE = "<section><title><p>One</p></title><p>First words.</p></section>"


def read(path: Path) -> Parsed:
    return parse(path, MediaType.FB2)


def sections(path: Path, body: str, notes: str = "") -> tuple[Section, ...]:
    return read(make_fb2(path / "a.fb2", body, notes=notes)).sections[1:]


def test_sections_follow_the_titles(tmp_path: Path) -> None:
    body = (
        "<title><p>Leo Tolstoy</p><p>War and Peace</p></title><epigraph><p>Well, my prince.</p>"
        "</epigraph><section><title><p>Part One</p></title><section><title><p>I</p><p>The"
        " salon</p></title><p>Guests came.</p></section><section><p>They</p><p>talked.</p>"
        "</section></section><section><title><p>Part Two</p></title><p>War.</p></section>"
    )
    assert sections(tmp_path, body) == (
        Section("Leo Tolstoy\n\nWar and Peace\n\nWell, my prince."),
        Section("Part One\n\nI\n\nThe salon\n\nGuests came.", ("Part One", "I The salon")),
        Section("They\n\ntalked.", ("Part One",)),
        Section("Part Two\n\nWar.", ("Part Two",)),
    )


def test_scenes_without_titles_are_one_section(tmp_path: Path) -> None:
    body = "<section><p>a</p></section><section><p>b</p></section>"
    assert sections(tmp_path, body) == (Section("a\n\nb"),)


def test_title_page_names_authors_series_and_annotation(tmp_path: Path) -> None:
    info = (
        "<author><first-name>Anton</first-name><last-name>Chekhov</last-name></author>"
        "<author><nickname>Antosha</nickname></author><lang>en</lang>"
        '<sequence name="Plays" number="2"/><annotation><p>Sold: a garden.</p></annotation>'
    )
    path = make_fb2(tmp_path / "a.fb2", ONE, title="The Cherry  Orchard", info=info)
    parsed = import_module("mirage.parse.fb2").parse(path)
    assert (parsed.title, parsed.language) == ("The Cherry Orchard", "en")
    assert parsed.sections == (
        Section("Anton Chekhov, Antosha\nThe Cherry Orchard\nPlays 2\n\nSold: a garden."),
        Section("One\n\nFirst words.", ("One",)),
    )


def test_title_page_names_translators_and_the_printed_edition(tmp_path: Path) -> None:
    info = (
        "<translator><first-name>Ada</first-name><last-name>Berg</last-name></translator>"
        "</title-info><publish-info><publisher>Harbour</publisher><year>1999</year>"
        "<isbn>978-3-16-148410-0</isbn></publish-info><title-info>"
    )
    book = read(make_fb2(tmp_path / "a.fb2", "<section><p>a</p></section>", title="", info=info))
    assert book.sections[0].text == "Translated by Ada Berg\nHarbour, 1999, ISBN 978-3-16-148410-0"


def test_note_without_a_title_has_the_mark_of_its_link(tmp_path: Path) -> None:
    body = '<section><p>He left<a l:href="#n1" type="note">*</a>.</p></section>'
    notes = '<section id="n1"><p>By sea.</p></section><section id="n2"><p>Unused.</p></section>'
    assert sections(tmp_path, body, notes)[-1].text == "[*] By sea.\n\nUnused."


def test_poems_keep_their_lines(tmp_path: Path) -> None:
    body = (
        "<section><poem><title><p>The Sail</p></title><stanza><v>A lonely sail</v><v>is gleaming"
        "</v></stanza><stanza><v>What does it seek?</v></stanza><text-author>M. L.</text-author>"
        "<date>1832</date></poem><cite><p>Quoted.</p></cite><subtitle>* * *</subtitle></section>"
    )
    text = (
        "The Sail\n\nA lonely sail\nis gleaming\n\nWhat does it seek?\n\nM. L."
        "\n\n1832\n\nQuoted.\n\n* * *"
    )
    assert sections(tmp_path, body) == (Section(text),)


def test_tables_are_a_row_per_line(tmp_path: Path) -> None:
    body = (
        "<section><table><tr><th>Year</th><th>Barrels</th></tr><tr><td>1871</td><td>40</td></tr>"
        '<tr><td colspan="2">none</td></tr></table><p>H<sub>2</sub>O</p></section>'
    )
    assert sections(tmp_path, body) == (Section("Year\tBarrels\n1871\t40\nnone\n\nH₂O"),)


def test_notes_begin_with_the_mark_that_refers_to_them(tmp_path: Path) -> None:
    body = (
        '<section><p>He said<a l:href="#n1" type="note">1</a> and left<a l:href="#n2">[2]</a>,'
        ' see <a l:href="http://example.org/">here</a>.</p></section>'
    )
    notes = (
        '<title><p>Notes</p></title><section id="n1"><title><p>1</p></title><p>In French.</p>'
        "<p>Badly.</p></section>"
        '<section id="n2"><title><p>[2]</p></title><p>At six.</p></section>'
    )
    assert sections(tmp_path, body, notes) == (
        Section("He said[1] and left[2], see here (http://example.org/)."),
        Section("Notes\n\n[1] In French.\n\nBadly.\n\n[2] At six.", ("Notes",)),
    )


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-8", "utf-16"])
def test_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    body = "<section><p>Ёлки да берёзы.</p></section>"
    parsed = read(make_fb2(tmp_path / "a.fb2", body, title="Лес", encoding=encoding))
    assert parsed.title == "Лес"
    assert parsed.sections[1:] == (Section("Ёлки да берёзы."),)


def test_packed_book_is_read_and_what_else_is_in_its_archive_is_named(tmp_path: Path) -> None:
    packed = make_fb2(tmp_path / "a.fb2.zip", ONE)
    assert read(packed).sections[1:] == (Section("One\n\nFirst words.", ("One",)),)
    assert read(packed).warnings == ()
    book = make_fb2(tmp_path / "a.fb2", ONE).read_bytes()
    make_zip(packed, {"a.fb2": book, "b.FB2": book, "cover.jpg": b"", "x.zip": b"PK\3\4"})
    assert read(packed).warnings == (
        "Only the first book of the archive is read, not: b.FB2.",
        "Only the first book of the archive is read, not: x.zip.",
    )


def test_broken_markup_is_read(tmp_path: Path) -> None:
    body = (
        "<section><title><p>One</p></title><image l:href='#i'/><p>A & B<p>more <emphasis>words</p>"
        "<empty-line/><p>and <style name='x'>more</style></p></section>"
        "<section><title><p>Two</p></title><p>last</p></section>"
    )
    assert sections(tmp_path, body, "<section><p>note</p></section>") == (
        Section("One\n\nA & B\n\nmore words\n\nand more", ("One",)),
        Section("Two\n\nlast", ("Two",)),
        Section("note", ("notes",)),
    )


def test_tags_that_are_no_names_are_read(tmp_path: Path) -> None:
    assert sections(tmp_path, "<section><p>a <s:l>x</s:l></p></section>") == (Section("a x"),)


def test_body_in_the_wrong_place_is_read(tmp_path: Path) -> None:
    path = make_fb2(tmp_path / "a.fb2", ONE)
    path.write_bytes(path.read_bytes().replace(b"</description>", b""))
    assert read(path).sections[1:] == (Section("One\n\nFirst words.", ("One",)),)


def test_text_outside_of_paragraphs_is_read(tmp_path: Path) -> None:
    body = "zero<section>one<p>two</p>three<section><p>four</p></section>five</section>six"
    text = "zero\n\none\n\ntwo\n\nthree\n\nfour\n\nfive\n\nsix"
    assert sections(tmp_path, body) == (Section(text),)


def test_pictures_cost_nothing(tmp_path: Path) -> None:
    path = make_fb2(tmp_path / "a.fb2", ONE)
    picture = b"<binary id='p'>" + b"/9j4" * 4_000_000 + b"</binary></FictionBook>"
    path.write_bytes(path.read_bytes().replace(b"</FictionBook>", picture))
    assert read(path).sections[1:] == (Section("One\n\nFirst words.", ("One",)),)


@pytest.mark.slow
def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.fb2"
    path.write_text("<html><body>Sign in</body></html>")
    with pytest.raises(Damaged, match="not an FB2 book"):
        read(path)
    with pytest.raises(Damaged, match="contains no FB2 book"):
        read(make_zip(path, {"a.fb2.zip": b"PK\3\4", "b.txt": "text"}))
    with pytest.raises(Blank):
        read(make_fb2(path, "<section><image/></section>"))
    with pytest.raises(UnsafeArchive):
        read(make_zip(path, {"a.fb2": b"\0" * (65 * 1024 * 1024)}))


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = make_fb2(tmp_path / "a.fb2", "<section>" * 5000 + "x" + "</section>" * 5000)
    with pytest.raises(Damaged):
        read(path)


def test_entities_do_not_expand(tmp_path: Path) -> None:
    path = make_fb2(tmp_path / "a.fb2", "<section><p>a&e;b</p></section>")
    bomb = '<!DOCTYPE x [<!ENTITY e "boom">]><FictionBook'
    path.write_text(path.read_text().replace("<FictionBook", bomb))
    assert "boom" not in read(path).sections[-1].text
