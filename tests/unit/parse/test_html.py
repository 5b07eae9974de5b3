from pathlib import Path

import pytest

from mirage.errors import Blank, Damaged
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.parse.markup.unscripted import unwrap_unscripted
from mirage.testing import make_html
from tests.cost import assert_proportional

TEXT = "<p>The keeper lit the lamp at dusk, every day of his life.</p>"
SEEN = "The keeper lit the lamp at dusk, every day of his life."
MENU = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/b'>Blog</a></li></ul></nav>"


def read(folder: Path, body: str, **settings: str) -> Parsed:
    return parse(make_html(folder / "a.html", body, **settings), MediaType.HTML)


def text_of(folder: Path, body: str) -> str:
    return "\n\n".join(section.text for section in read(folder, body).sections)


def test_sections_follow_the_headings(tmp_path: Path) -> None:
    body = (
        "<p>Before.</p><h1>Lamps<a href='#l'>¶</a></h1><h2><button>Oil &amp; wick</button></h2>"
        "<p>Burns.<h2>Glass<br>panes</h2>Clear.<h1></h1><h1>End</h1><p>Dark."
    )
    assert read(tmp_path, body, head="<title>On\n lamps</title>") == Parsed(
        (
            Section("Before."),
            Section("Lamps\n\nOil & wick\n\nBurns.", ("Lamps", "Oil & wick")),
            Section("Glass\npanes\n\nClear.", ("Lamps", "Glass panes")),
            Section("End\n\nDark.", ("End",)),
        ),
        title="On lamps",
        language="en",
    )


def test_title_is_the_first_heading_where_the_page_has_none(tmp_path: Path) -> None:
    assert read(tmp_path, f"<h2>Lamps</h2>{TEXT}").title == "Lamps"
    assert read(tmp_path, TEXT).title is None


@pytest.mark.parametrize(
    "body",
    [
        f"<header>{MENU}</header>{TEXT}<footer>© 1902 The keepers</footer>",
        f"<header><h1><a href='/'>The Site</a></h1></header>{TEXT}",
        f"<div role='banner'>Site</div>{TEXT}<div role='contentinfo'>Imprint</div>",
        f"<aside><a href='/b'>More to read</a> …</aside><div>{TEXT}</div>{MENU}",
        f"<ul><li><a href='/'>Home</a></ul><main>{TEXT}{MENU}</main><p><a href='#'>Top</a>",
        f"<div><a href='/'>Home</a></div><div role='main'>{TEXT}</div>",
        f"<div><a href='/b'>Blog</a></div><article>{TEXT}</article>",
        f"<form role='search'>Words: <button>Find</button></form>{TEXT}<dialog>Sure?</dialog>",
        f"{TEXT}<form><button>Send</button><div></div></form><div><button>Copy</button></div>",
        f"{TEXT}<div id='cookie-banner'>We use cookies.<button>Fine</button></div>",
        f"{TEXT}<div role='dialog'>Cookies?</div>",
        f"<a class='skip-link' href='#m'>Skip to content</a>{TEXT}<select><option>A</select>",
        f"<script>if (a < b) document.write('</p>')</script><style>p {{}}</style>{TEXT}",
        f"<noscript>Switch JavaScript on</noscript><template><p>x</template><!-- no -->{TEXT}",
    ],
)
def test_surroundings_are_left_out(tmp_path: Path, body: str) -> None:
    assert text_of(tmp_path, body) == SEEN


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"<header><h1>Lamps</h1></header>{TEXT}", "Lamps"),
        (f"<header><h1>Lamps</h1></header><main>{TEXT}</main>", "Lamps"),
        (f"<main><header>By a keeper</header>{TEXT}<footer>1. A note</footer></main>", "A note"),
        (f"<article><aside>Mind the glass.</aside>{TEXT}</article>", "Mind the glass."),
        (f"<header>{TEXT * 3}<p>No end of the header", "No end of the header"),
        (f"<nav><a href='/'>Home</a>{TEXT * 3}", "lit the lamp"),
        (f"<h1>Lamps</h1><p>In short.</p><article>{TEXT}</article>", "In short."),
        (f"<article>{TEXT}</article><article>{TEXT}</article><p>The end.</p>", "The end."),
        (f"<main>{TEXT}</main><section><h2>Appendix</h2>Sums.</section>", "Sums."),
        (f"<main>{TEXT}</main><ul><li><a href='/'>Oil</a>, burnt by all</ul>", "burnt by all"),
        (f"<aside class='admonition'>Never open it.</aside>{TEXT}", "Never open it."),
        (f"{TEXT}<aside role='doc-endnotes'><a href='/n'>Note</a></aside>", "Note"),
        (f"{TEXT}<footer><h2>References</h2><a href='/n'>Lamps</a> by K.</footer>", "Lamps by K."),
        (f"<header><h2>Lamps</h2><p>Abstract</p></header>{TEXT}", "Abstract"),
        (f"<header><h1><a href='/'>L</a></h1>They burn.</header>{TEXT}", "They burn."),
        (f"<button>Is it lit?</button><div>Yes.</div>{TEXT}", "Is it lit?"),
        (f"<div><h4></h4><div><button>Lit?</button></div><div>Yes.</div></div>{TEXT}", "Lit?"),
        (f"{TEXT}<div hidden>An answer</div>", "An answer"),
        (f"{TEXT}<div hidden='until-found'>An answer</div>", "An answer"),
        (f"{TEXT}<div style='display:none'>An answer</div>", "An answer"),
        (f"{TEXT}<noscript><p>Closed until June.</p></noscript>", "Closed until June."),
        (f"{TEXT}<noscript>Never closed. <p>The rest.", "The rest."),
        (f"{TEXT}<noscript><div id='x'></noscript><p>Then.<noscript></div></noscript>", "Then."),
        (f"{TEXT}<x-card><template shadowrootmode=open>Steep.</template></x-card>", "Steep."),
        ("<noframes><body><p>For old readers.</body></noframes>", "For old readers."),
        ("<div style='display: none'><p>Shown by a script.</p></div>", "Shown by a script."),
        ("<p>if a</p><p>x<b<c then</p>", "if a"),  # Tags with names that are none.
        (f"{TEXT}<article class='cookie-bars'>Bake the cookie bars.</article>", "Bake"),
        (f"<main>{TEXT}<div id='cookie-consent'>Cookies: your consent.</div></main>", "consent"),
        (f"{TEXT}<dialog open>Closed today</dialog>", "Closed today"),
        (f"{TEXT}<textarea>cut here</textarea>", "cut here"),
        (f"<main></main><div>{TEXT}</div>", "lit the lamp"),
        (f"<div>{TEXT * 3}</div><article>Teaser</article>", "lit the lamp"),
        (f"<article>{TEXT}</article><article>Second.</article>", "Second."),
        (f"<footer><main>{TEXT}</main></footer>", "lit the lamp"),
        (f"<div class='cookie-notice'><h1>Cookies</h1>{TEXT}</div>", "lit the lamp"),
        (f"<div class='cookie-notice'>Baked at dawn.</div>{TEXT}", "Baked at dawn."),
        (f"<div role='dialog'>Sign here.</div>{TEXT}", "Sign here."),
        (MENU, "Blog"),
        ("<h2><a href='/'>Home</a></h2><ul><li><a href='/b'>Blog</a></ul>", "Blog"),
    ],
)
def test_what_may_be_content_is_kept(tmp_path: Path, body: str, words: str) -> None:
    assert words in text_of(tmp_path, body)


def test_tables_lists_and_code_are_text(tmp_path: Path) -> None:
    body = (
        "<table><tr><th>Oil<th>Price<tr><td>whale<td>3</table><ul><li>one<li>two</ul>"
        "<pre>if x:\n    y()</pre>"
    )
    assert text_of(tmp_path, body) == "Oil\tPrice\nwhale\t3\n\none\ntwo\n\nif x:\n    y()"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("<META HTTP-EQUIV=Content-Type CONTENT='text/html; CHARSET=windows-1251'>", "cp1251"),
        ("<!-- a long one -->" * 60 + "<meta charset=koi8-r>", "koi8-r"),
        ("<meta charset='utf-8'>", "utf-8"),
        ("<meta charset='utf-16'>", "utf-8"),
        ("<meta charset='iso-8859-1'>", "utf-8"),
        ("<meta charset='no-such'>", "utf-8"),
        ("<meta charset='undefined'>", "utf-8"),
        ("<meta charset='utf-8'>", "utf-16"),
        ("", "utf-16-le"),
        ("", "utf-8"),
        ("", "cp1251"),
    ],
)
def test_encoding_is_declared_or_found_out(tmp_path: Path, declared: str, encoding: str) -> None:
    words = "Смотритель маяка зажигал лампу каждый вечер, и корабли видели её свет издалека."
    parsed = read(tmp_path, f"<p>{words}</p>", head=declared, encoding=encoding)
    assert parsed.sections == (Section(words),)


def test_latin_1_is_what_browsers_take_it_for(tmp_path: Path) -> None:
    head = "<meta charset='iso-8859-1'>"
    assert read(tmp_path, "“Größe”", head=head, encoding="cp1252").sections[0].text == "“Größe”"


def test_broken_markup_loses_no_text(tmp_path: Path) -> None:
    body = (
        "<p>One <b>two<p>three & four</i> <q>five < six &unknown; <div/>seven</table></body>eight"
    )
    assert text_of(tmp_path, body).split() == (
        ["One", "two", "three", "&", "four", "five", "<", "six", "&unknown;", "seven", "eight"]
    )


def test_xhtml_is_read_with_its_namespace(tmp_path: Path) -> None:
    path = tmp_path / "a.xhtml"
    path.write_text(
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title>'
        f"</head><body><nav>Menu</nav><h1>Lamps</h1>{TEXT}</body></html>"
    )
    parsed = parse(path, MediaType.HTML)
    assert (parsed.title, parsed.sections) == ("T", (Section(f"Lamps\n\n{SEEN}", ("Lamps",)),))


def test_entities_come_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<html><body><p>&a;|&x;</p></body></html>"
    )
    assert parse(path, MediaType.HTML).sections == (Section("&a;|&x;"),)


def test_fragment_without_a_body_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<h1>Lamps</h1> burn")
    assert parse(path, MediaType.HTML).sections == (Section("Lamps\n\nburn", ("Lamps",)),)


def test_deep_markup_is_read_and_absurdly_deep_markup_is_damaged(tmp_path: Path) -> None:
    def nested(depth: int) -> str:
        return "<div>" * depth + "deep" + "</div>" * depth

    assert text_of(tmp_path, nested(1000)) == "deep"
    with pytest.raises(Damaged, match="nested too deeply"):
        read(tmp_path, nested(3000))


@pytest.mark.parametrize("body", ["", "<div id='root'></div><script>render()</script>"])
def test_page_that_scripts_fill_in_has_no_text(tmp_path: Path, body: str) -> None:
    with pytest.raises(Blank):
        read(tmp_path, body)


def test_nested_surroundings_take_time_in_proportion_to_their_size(tmp_path: Path) -> None:
    def work(size: int) -> None:
        body = "<header>" * size + TEXT * size + "</header>" * size
        assert SEEN in text_of(tmp_path, body)

    assert_proportional(work, 1900)


def test_article_before_any_other_element_of_the_body_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><title>T</title><article>{TEXT}</article>")
    assert parse(path, MediaType.HTML).sections == (Section(SEEN),)


def test_repeated_noscript_is_read_once(tmp_path: Path) -> None:
    body = f"{TEXT}<noscript>{TEXT}</noscript>"
    assert text_of(tmp_path, body) == SEEN


@pytest.mark.parametrize(
    ("declared", "written", "text"),
    [
        ("gb2312", "这是一个中文页面".encode(), "这是一个中文页面"),
        ("windows-1251", "Мост закрыт".encode(), "Мост закрыт"),
        ("gb2312", "联通".encode("gbk"), "联通"),  # Valid UTF-8 by chance.
        ("gb2312", "这是一个中文页面".encode("gbk"), "这是一个中文页面"),
        ("iso-8859-8-i", "נמל".encode("iso8859-8"), "נמל"),
        ("x-sjis", "船は港を出ます".encode("cp932"), "船は港を出ます"),
    ],
)
def test_encoding_is_the_declared_one_unless_the_page_is_surely_utf_8(
    tmp_path: Path, declared: str, written: bytes, text: str
) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(f"<html><meta charset={declared}><body><p>".encode() + written)
    assert parse(path, MediaType.HTML).sections == (Section(text),)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<ol start=4><li>a<li value=9>b<li>c</ol>", "4. a\n9. b\n10. c"),
        ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
        ("<ol type=a start=27><li>a<li>b</ol>", "aa. a\nab. b"),
        ("<ol type=I><li>a<li type=i>b</ol>", "I. a\nii. b"),
        ("<ol style='list-style: upper-alpha inside'><li>a</ol>", "A. a"),
        ("<ol style='list-style-type:none'><li>a</ol>", "a"),
        ("<ol style='list-style: inside none'><li>a</ol>", "a"),
        ("<ol style='list-style: outside lower-roman; color: red'><li>a</ol>", "i. a"),
        ("<ol style='list-style: url(a.png) inside'><li>a</ol>", "1. a"),
        ("<ol style='list-style: inside'><li>a</ol>", "1. a"),
        ("<ol style='list-style-type: square'><li>a</ol>", "a"),
        ("<ol start=-1><li>a<li>b<li>c</ol>", "-1. a\n0. b\n1. c"),
        ("<ol><li>a<ol type=a><li>b</ol><li>c</ol>", "1. a\n\na. b\n\n2. c"),
        ("<ol><li><p>a</p><p>b</p><li></li><li>c</ol>", "1. a\n\nb\n\n3. c"),
        ("<ol><li><a href='#b'>b</a><ol><li><a href='#c'>c</a></ol></ol>", "b\n\nc"),
        ("<ol><li><a href='#b'>b</a>, page 2</ol>", "1. b, page 2"),
        ("<ol><li><a href='https://b.example'>b</a></ol>", "1. b (https://b.example)"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<ol start=x><li value=>a</ol>", "1. a"),
        ("<p>The fee is <del>40</del><ins>55</ins>.</p>", "The fee is ~~40~~ 55."),
        ("<p>The fee is<s> 40 </s>55.</p>", "The fee is ~~40~~ 55."),
        ("<p>The fee<del></del> is 40.</p>", "The fee is 40."),
        (
            "<p>Write to <a href='mailto:a@b.example'>us</a>, see"
            " <a href='https://b.example/r.pdf'>the rules</a>.</p>",
            "Write to us (a@b.example), see the rules (https://b.example/r.pdf).",
        ),
        ("<p>See <a href='https://b.example/'>b.example</a>.</p>", "See b.example."),
        ("<p>See <a href='/r.html'>there</a>.</p>", "See there."),
        (
            "<p><a href='https://b.example/x'>one</a> and <a href='https://b.example/x'>two</a></p>",
            "one (https://b.example/x) and two",
        ),
        ("<h1><a href='https://b.example/x'>Title</a></h1><p>Text.", "Title\n\nText."),
    ],
)
def test_what_a_browser_shows_and_the_letters_do_not_say(
    tmp_path: Path, body: str, text: str
) -> None:
    assert text_of(tmp_path, body) == text


def test_links_within_the_site_keep_their_addresses_to_themselves(tmp_path: Path) -> None:
    head = "<link rel='canonical' href='https://www.b.example/page'>"
    links = "<a href='https://b.example/x'>in</a> <a href='https://c.example/x'>out</a>"
    path = make_html(tmp_path / "a.html", f"<p>{links}</p>", head=head)
    (section,) = parse(path, MediaType.HTML).sections
    assert section.text == "in out (https://c.example/x)"


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (
            "<tr><th>Line<th>Day<th>Fare<tr><td rowspan=2>North<td>Mon<td>12<tr><td>Sun<td>15",
            "Line\tDay\tFare\nNorth\tMon\t12\nNorth\tSun\t15",
        ),
        (
            f"<tr><td>a<td>b<tr><td rowspan=2>{'x' * 61}<td>1<tr><td>2",
            f"a\tb\n{'x' * 61}\t1\n\t2",
        ),
        ("<tr><td>a<td>b<td>c<tr><td colspan=2>free<td>5", "a\tb\tc\nfree\t\t5"),
        ("<tr><th>a<th colspan=2>b<tr><td>1<td>2<td>3", "a\tb\tb\n1\t2\t3"),
        ("<tr><th colspan=2>Prices<tr><td>1<td>2", "Prices\n1\t2"),
        ("<tr><td>a<td>b<td rowspan=2>c<tr><td>d", "a\tb\tc\nd\t\tc"),
        ("<thead><tr><td rowspan=9>a<td>b<tbody><tr><td>1<td>2", "a\tb\n1\t2"),
        # 0 rows are all that follow in the group.
        (
            "<tbody><tr><td rowspan=0>a<td>1<tr><td>2<tr><td>3<tbody><tr><td>b<td>4",
            "a\t1\na\t2\na\t3\nb\t4",
        ),
        # A header may consist of plain cells.
        (
            "<thead><tr><td rowspan=2>Line<td colspan=2>Fare<tr><td>One way<td>Return"
            "<tbody><tr><td>North<td>12<td>20",
            "Line\tFare\tFare\nLine\tOne way\tReturn\nNorth\t12\t20",
        ),
        (
            "<tr><td>Line<td colspan=2>Fare<tr><td>North<td colspan=2>12",
            "Line\tFare\tFare\nNorth\t12",
        ),
    ],
)
def test_merged_cells_keep_the_columns(tmp_path: Path, table: str, text: str) -> None:
    assert text_of(tmp_path, f"<table>{table}</table>") == text


@pytest.mark.slow
def test_cells_of_a_hostile_table_are_bounded(tmp_path: Path) -> None:
    def make(count: int) -> Path:
        cells = "<td colspan=1000 rowspan=65534>a" * count
        rows = f"<tr>{cells}</tr>" * 3
        return make_html(tmp_path / f"{count}.html", f"<table>{rows}</table>")

    assert_proportional(lambda count: parse(make(count), MediaType.HTML), 4000)


@pytest.mark.parametrize("part", ["<script ", "<frame ", "<noscript>x", "</noscript>", "<style>"])
def test_tags_that_never_end_take_time_in_proportion_to_their_number(
    tmp_path: Path, part: str
) -> None:
    def read_many(count: int) -> None:
        source = f"<noscript>Closed until June.</noscript>{part * count}"
        unwrap_unscripted(source)

    assert_proportional(read_many, 100_000)


def test_fields_of_a_form_are_read_as_they_are_filled_in(tmp_path: Path) -> None:
    form = (
        "<form><p>Part: <input value='AB-1234'> Pieces: <input type=number value=7>"
        "<input type=hidden value=secret><input type=password value=secret></p>"
        "<p><input type=checkbox checked> urgent <input type=radio> later</p>"
        "<p>Pay by <select><option>cash<option selected>card</select>.</p></form>"
    )
    read_ = text_of(tmp_path, TEXT + form)
    assert "Part: AB-1234 Pieces: 7" in read_
    assert "☒ urgent ☐ later" in read_
    assert "Pay by card" in read_
    assert "secret" not in read_
    assert "cash" not in read_


def test_menu_outside_of_a_form_is_no_text(tmp_path: Path) -> None:
    menu = "<select><option selected>English<option>Deutsch</select>"
    assert text_of(tmp_path, menu + TEXT) == SEEN
