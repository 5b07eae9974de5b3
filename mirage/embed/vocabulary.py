"""Builds tokenizers from the metadata of a GGUF model, which Ollama's `/api/show` returns.

The keys are described in https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The key
`tokenizer.ggml.model` names the kind of tokenizer: `bert` is WordPiece, `t5` SentencePiece's
Unigram (XLM-R), `llama` SentencePiece's BPE, `gpt2` byte-level BPE.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tokenizers
from tokenizers import Regex, models, normalizers, pre_tokenizers

from mirage.embed.tokenizer import (
    CautiousTokenizer,
    LibraryTokenizer,
    WordPieceTokenizer,
    is_special,
)
from mirage.foreign import clean
from mirage.model import Tokenizer

Metadata = Mapping[str, Any]

_PREFIX = "tokenizer.ggml."
_SPACE = "▁"

# How byte-level BPE splits before it merges, by `tokenizer.ggml.pre`; others split like GPT-2.
_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_PRE_TOKENIZERS = {"qwen2": _QWEN2, "llama-bpe": _QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")}

_log = logging.getLogger(__name__)


def build_tokenizer(metadata: Metadata) -> Tokenizer:
    """Return the model's own tokenizer, or a cautious one if its vocabulary cannot be used."""
    kind = metadata.get(f"{_PREFIX}model")
    build = _BUILDERS.get(kind) if isinstance(kind, str) else None
    if build is not None and metadata.get(f"{_PREFIX}tokens"):
        try:
            return build(metadata)
        except Exception as error:  # The library raises plain Exception.
            _log.warning("the model's vocabulary cannot be used: %s", clean(str(error)))
    _log.warning("tokens are estimated", extra={"tokenizer": clean(str(kind))})
    return CautiousTokenizer()


def _word_piece(metadata: Metadata) -> Tokenizer:
    """Return a tokenizer that counts as llama.cpp does.

    llama.cpp decomposes some scripts in its own way (Hangul, Devanagari). There the counts differ
    by a few tokens, and the server decides.
    """
    vocabulary: dict[str, int] = {}
    for position, token in enumerate(_tokens(metadata)):
        if token.startswith(_SPACE):
            name = token[1:]
        else:
            name = token if is_special(token) else f"##{token}"
        vocabulary.setdefault(name, position)
    # llama.cpp lowers the case unless the model says otherwise, whatever its vocabulary has.
    lowercase = metadata.get(f"{_PREFIX}normalizer.lowercase", True) is not False
    strip_accents = metadata.get(f"{_PREFIX}normalizer.strip_accents", lowercase) is not False
    return WordPieceTokenizer(vocabulary, lowercase=lowercase, strip_accents=strip_accents)


def _unigram(metadata: Metadata) -> Tokenizer:
    tokens = _tokens(metadata)
    scores = [float(score) for score in metadata[f"{_PREFIX}scores"]]
    unknown = int(metadata.get(f"{_PREFIX}unknown_token_id", 3))
    pairs = list(zip(tokens, scores, strict=True))
    tokenizer = tokenizers.Tokenizer(models.Unigram(pairs, unknown, False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    return LibraryTokenizer(tokenizer)


def _sentence_piece_bpe(metadata: Metadata) -> Tokenizer:
    tokens = _tokens(metadata)
    scores = [float(score) for score in metadata[f"{_PREFIX}scores"]]
    vocabulary = {token: position for position, token in enumerate(tokens)}
    merges: list[tuple[float, str, str]] = []
    for token, score in zip(tokens, scores, strict=True):
        for at in range(1, len(token)):
            left, right = token[:at], token[at:]
            if left in vocabulary and right in vocabulary:
                merges.append((-score, left, right))
    merges.sort(key=lambda merge: merge[0])
    tokenizer = tokenizers.Tokenizer(
        models.BPE(
            vocabulary,
            [(left, right) for _, left, right in merges],
            fuse_unk=True,
            byte_fallback=True,
            unk_token=tokens[int(metadata.get(f"{_PREFIX}unknown_token_id", 0))],
        )
    )
    steps: list[normalizers.Normalizer] = [normalizers.Replace(" ", _SPACE)]
    if metadata.get(f"{_PREFIX}add_space_prefix", True):
        steps.insert(0, normalizers.Prepend(_SPACE))
    tokenizer.normalizer = normalizers.Sequence(steps)
    return LibraryTokenizer(tokenizer)


def _byte_level_bpe(metadata: Metadata) -> Tokenizer:
    vocabulary = {token: position for position, token in enumerate(_tokens(metadata))}
    merges: list[tuple[str, str]] = []
    for merge in metadata[f"{_PREFIX}merges"]:
        left, _, right = merge.partition(" ")
        merges.append((left, right))
    tokenizer = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    pattern = _PRE_TOKENIZERS.get(metadata.get(f"{_PREFIX}pre", ""))
    if pattern is None:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(pattern), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    return LibraryTokenizer(tokenizer)


def _tokens(metadata: Metadata) -> Sequence[str]:
    tokens = metadata[f"{_PREFIX}tokens"]
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise ValueError("the tokens are not a list of texts")
    return tokens


_BUILDERS: Mapping[str, Callable[[Metadata], Tokenizer]] = {
    "bert": _word_piece,
    "t5": _unigram,
    "llama": _sentence_piece_bpe,
    "gpt2": _byte_level_bpe,
}
