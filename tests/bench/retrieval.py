"""How good the ranking is on a judged collection, compared with a plain BM25."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import bm25s
import snowballstemmer

from mirage.evaluation import Collection, evaluate
from tests.bench.house import House
from tests.bench.table import Row

_DEPTH = 100
# The reference everybody reports: Porter stems, English stop words, the parameters of Lucene.
_K1, _B = 1.2, 0.75


async def run(house: House, collection: Collection, folder: Path) -> list[Row]:
    """Rows of nDCG@10; `folder` holds the collection."""
    await (await house.create_database("retrieval")).dispose()
    async with house.program("retrieval") as program:
        evaluation = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mirage", "eval", str(folder), "--json"),
            env=os.environ | {"MIRAGE_API_URL": program.url, "MIRAGE_API_KEY": program.key},
            stdout=subprocess.PIPE,
        )
        answer, _ = await evaluation.communicate()
    found = {mode: scores["ndcg_at_10"] for mode, scores in json.loads(answer).items()}
    reference = evaluate(_bm25(collection), collection.judgments).ndcg_at_10
    lexical, dense, hybrid = found["lexical"], found["dense"], found["hybrid"]
    best = max(lexical, dense)
    return [
        _row("lexical", lexical, "BM25, Porter", reference, ">= 1.00"),
        _row("dense", dense, "BM25, Porter", reference, ""),
        _row("hybrid", hybrid, "its better leg", best, ">= 1.00"),
    ]


def _row(mode: str, ours: float, name: str, other: float, aim: str) -> Row:
    return Row(f"nDCG@10, {mode}", f"{ours:.3f}", f"{name} {other:.3f}", ours / other, aim)


def _bm25(collection: Collection) -> dict[str, list[str]]:
    stemmer = snowballstemmer.stemmer("porter")

    def tokenize(texts: list[str]) -> bm25s.tokenization.Tokenized:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer.stemWords, show_progress=False)

    identities = list(collection.corpus)
    index = bm25s.BM25(k1=_K1, b=_B)
    index.index(tokenize(list(collection.corpus.values())), show_progress=False)
    best, _ = index.retrieve(
        tokenize(list(collection.queries.values())), k=_DEPTH, show_progress=False
    )
    return {
        query: [identities[at] for at in ranking]
        for query, ranking in zip(collection.queries, best, strict=True)
    }
