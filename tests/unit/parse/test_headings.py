from mirage.model import Section
from mirage.parse.headings import join_bare_headings


def test_bare_heading_joins_the_section_below_it() -> None:
    sections = [
        Section("# Bread", ("Bread",), line=1),
        Section("## Flour", ("Bread", "Flour"), line=3),
        Section("### Rye\n\nDark.", ("Bread", "Flour", "Rye"), line=5),
    ]
    assert list(join_bare_headings(sections)) == [
        Section("# Bread\n\n## Flour\n\n### Rye\n\nDark.", ("Bread", "Flour", "Rye"), line=1)
    ]


def test_bare_heading_stays_when_the_next_section_is_not_below_it() -> None:
    sections = [Section("Bread", ("Bread",)), Section("Salt it.", ("Salt",))]
    assert list(join_bare_headings(sections)) == sections


def test_bare_heading_stays_on_its_own_page() -> None:
    sections = [
        Section("1 Bread", ("1 Bread",), page_number=1),
        Section("Flour.", ("1 Bread",), page_number=2),
    ]
    assert list(join_bare_headings(sections)) == sections


def test_last_bare_heading_is_kept() -> None:
    sections = [Section("Text.", ()), Section("Index", ("Index",))]
    assert list(join_bare_headings(sections)) == sections
