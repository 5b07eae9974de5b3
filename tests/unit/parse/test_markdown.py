from pathlib import Path

import pytest

from mirage.errors import Blank
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from tests.cost import assert_proportional


def read(folder: Path, source: str) -> Parsed:
    path = folder / "a.md"
    path.write_text(source)
    return parse(path, MediaType.MARKDOWN)


def test_sections_follow_the_headings(tmp_path: Path) -> None:
    source = (
        "Before.\n\n# Bread\n\nFlour.\n\nRye\n---\n\nDark.\n\n"
        "### Deep\n\nYes.\n\n## *Oven* `x`\n\nHot."
    )
    assert read(tmp_path, source).sections == (
        Section("Before.", (), line=1),
        Section("# Bread\n\nFlour.", ("Bread",), line=3),
        Section("Rye\n---\n\nDark.", ("Bread", "Rye"), line=7),
        Section("### Deep\n\nYes.", ("Bread", "Rye", "Deep"), line=12),
        Section("## *Oven* `x`\n\nHot.", ("Bread", "Oven x"), line=16),
    )


def test_heading_signs_in_code_quotes_and_lists_are_text(tmp_path: Path) -> None:
    source = "# One\n\n```sh\n# no heading\n\n    deep\n```\n\n> # quoted\n\n- # listed\n"
    assert read(tmp_path, source).sections == (Section(source.rstrip("\n"), ("One",), line=1),)


def test_indented_code_at_the_beginning_keeps_its_indent(tmp_path: Path) -> None:
    assert read(tmp_path, "\n\n    code\n").sections == (Section("    code", (), line=3),)


@pytest.mark.parametrize(
    ("rule", "matter"),
    [
        ("---", 'author: Ann\ntitle: "On Bread"\ntags: [rye, oven]'),
        ("+++", 'author = "Ann"\ntitle = "On Bread"\n[extra]\ntags = [\n  "rye",\n]'),
    ],
)
def test_front_matter_gives_the_title_and_is_a_section_of_its_own(
    tmp_path: Path, rule: str, matter: str
) -> None:
    parsed = read(tmp_path, f"{rule}\n{matter}\n{rule}\n# One\n\nText.\n")
    assert parsed.title == "On Bread"
    assert parsed.sections == (
        Section(matter, (), line=2),
        Section("# One\n\nText.", ("One",), line=4 + matter.count("\n")),
    )


def test_sum_between_signs_is_no_front_matter(tmp_path: Path) -> None:
    source = "+++\nNews of the day, more than one.\n+++\n\nText."
    assert read(tmp_path, source).sections == (Section(source, (), line=1),)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("A ![plan](data:image/png;base64,{data}) b.", "A [plan] b."),
        ('A ![](data:image/png;base64,{data} "t") b.', "A  b."),
        ("A ![plan](<data:image/png;base64,{data}>) b.", "A [plan] b."),
        ("See ![plan][1].\n\n[1]: data:image/png;base64,{data}", None),
        ("<img alt='plan' src='data:image/png;base64,{data}'>", None),
        ("A ![plan](plan.png) b.", "A ![plan](plan.png) b."),
        ("The data: none,and that is all.", "The data: none,and that is all."),
    ],
)
def test_picture_in_the_text_leaves_its_alternative_text(
    tmp_path: Path, source: str, text: str | None
) -> None:
    data = "iVBORw0KGgo+/" * 500 + "=="
    (section,) = read(tmp_path, source.replace("{data}", data)).sections
    assert text is None or section.text == text
    assert len(section.text) < 80
    assert "plan" in section.text or "plan" not in source


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# Mooring {#moor .big}", "Mooring"),
        ("# Mooring { #moor }", "Mooring"),
        ("# Mooring {: .big}", "Mooring"),
        ("# Mooring {width=30%}", "Mooring"),
        ("# The set {a, b}", "The set {a, b}"),
        ("# Fees <a name='fees'></a>", "Fees"),
        ("<h1 align='center'>Tools &amp; <b>parts</b></h1>", "Tools & parts"),
        ("<div>\n<h2\nclass=x>Tools</h2>\n</div>", "Tools"),
        ("<h1>never closed", None),
        ("<h1></h1>", None),
        ("```html\n<h1>code</h1>\n```", None),
    ],
)
def test_titles_of_headings(tmp_path: Path, heading: str, title: str | None) -> None:
    sections = read(tmp_path, f"{heading}\n\nText.\n").sections
    assert sections[-1].heading_path == ((title,) if title else ())


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("On Bread", "On Bread"),
        ('"On \\"Bread\\""  # draft', 'On "Bread"'),
        ("'Baker''s'", "Baker's"),
        (">-\n  On\n  Bread", "On Bread"),
        ("2024", "2024"),
        ("[a, b]", "One"),
        ("Rust: A History", "Rust: A History"),
        ("!!int x", "!!int x"),
        ('"' + " " * 10_000 + '"', "One"),
    ],
)
def test_title_is_read_as_yaml_has_it(tmp_path: Path, title: str, read_as: str) -> None:
    assert read(tmp_path, f"---\nTitle: {title}\n---\n# One\n\nText.\n").title == read_as


@pytest.mark.parametrize(
    "line",
    [
        "created: {{date}}",
        "image: @site/x.png",
        "a: 50% & b: c",
        "d: 2024-02-30",
        "t:\n\t- x",
        "# c",
    ],
)
def test_front_matter_need_not_be_right(tmp_path: Path, line: str) -> None:
    parsed = read(tmp_path, f"---\ntitle: On Bread\n{line}\n---\nText.\n")
    assert (parsed.title, parsed.sections[-1].text) == ("On Bread", "Text.")


@pytest.mark.parametrize(
    "source",
    [
        "---\n\nText without an end.",
        "---\n\n# Title\n\nText: here.\n\n---\n\nMore text.",
        "---\nText between rules.\n---\nMore text.",
        "---\na: " + "x" * 20_000 + "\n---\nMore text.",
    ],
)
def test_rule_at_the_beginning_is_no_front_matter(tmp_path: Path, source: str) -> None:
    text = "\n".join(section.text for section in read(tmp_path, source).sections)
    assert text.split() == source.split()


def test_first_heading_is_the_title_otherwise(tmp_path: Path) -> None:
    assert read(tmp_path, "Text.\n\n# A & B\n\nMore.").title == "A & B"


def test_deep_nesting_does_no_harm(tmp_path: Path) -> None:
    source = ">" * 5000 + " deep\n\n" + "[" * 5000
    assert read(tmp_path, source).sections == (Section(source, (), line=1),)


def test_empty_markdown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Blank):
        read(tmp_path, "---\n\n---\n\n".replace("-", " "))


@pytest.mark.slow
def test_html_headings_that_never_end_take_time_in_proportion_to_their_number(
    tmp_path: Path,
) -> None:
    assert_proportional(lambda count: read(tmp_path, "<h1>" * count), 40_000)
