"""A scripted agent answers questions about a real book in few calls and few tokens."""

import math
import os
import re
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import Index, upload
from tests.api.mcp.conftest import Connect

BOOK = Path(os.environ.get("MIRAGE_TEST_DATA", "")) / "library" / "markdown" / "rust-book"
MOST_TOKENS = 6000

# What is asked, the chapter that answers, and a part of its answer.
QUESTIONS = [
    ("How do I check which version of rustc is installed?", "ch01-01", "rustc --version"),
    ("Which command of Cargo compiles and runs a program in one step?", "ch01-03", "cargo run"),
    ("What is shadowing of variables?", "ch03-01", "shadow"),
    ("Which are the two primitive compound types, tuples and arrays?", "ch03-02", "tuple"),
    ("Which keyword returns a value from a loop?", "ch03-05", "break"),
    ("What happens when the owner goes out of scope?", "ch04-01", "drop"),
    ("What is a dangling reference?", "ch04-02", "dangling"),
    ("What is a string slice?", "ch04-03", "slice"),
    ("What are associated functions of a struct?", "ch05-03", "associated function"),
    ("What does the Option enum stand for instead of null?", "ch06-01", "null"),
    ("What does the catch-all pattern of match do?", "ch06-02", "catch-all"),
    ("How do I abort instead of unwinding upon a panic?", "ch09-01", "abort"),
    ("What does the question mark operator do with Result?", "ch09-02", "?"),
    ("What does the assert_eq macro print when a test fails?", "ch11-01", "assert_eq"),
    ("How do I run tests in one thread only?", "ch11-02", "--test-threads"),
    ("Which traits can closures implement, FnOnce, FnMut and Fn?", "ch13-01", "FnOnce"),
    ("What is the opt-level of the release profile?", "ch14-01", "opt-level"),
    ("Why does a recursive cons list need a Box?", "ch15-01", "Box"),
    ("What does Rc::clone do with the reference count?", "ch15-04", "count"),
    ("What is a mutex, and how does a thread acquire its lock?", "ch16-03", "lock"),
]


@pytest.mark.skipif(not BOOK.is_dir(), reason="needs MIRAGE_TEST_DATA")
async def test_questions_are_answered_in_few_calls_and_tokens(
    client: httpx.AsyncClient, connect: Connect, shelf: str, index: Index
) -> None:
    for chapter in {chapter for _, chapter, _ in QUESTIONS}:
        (file,) = BOOK.glob(f"{chapter}-*.md")
        await upload(client, shelf, file.name, file.read_bytes())
    await index()
    spent, unanswered = [], []
    async with connect() as agent:
        for question, chapter, part in QUESTIONS:
            found = await agent.ask("search", query=question)
            refs = re.findall(r"\] (\S+?)\.md.*\nref (\S+)", found)
            assert refs, question
            # As an agent does, read on where the right chapter was found first.
            at = next((ref for name, ref in refs if name.startswith(chapter)), None)
            if at is None:
                unanswered.append(question)
                continue
            read = await agent.ask("read", at=at)
            if part.casefold() not in (found + read).casefold():
                unanswered.append(question)
            spent.append(sum(math.ceil(len(answer) / 3) for answer in (found, read)))
    assert unanswered == []
    assert max(spent) <= MOST_TOKENS, sorted(spent)
