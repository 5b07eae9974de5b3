"""Computes all-MiniLM-L6-v2 in numpy: a BERT encoder of six layers, mean pooling, unit length.

The model: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2. Its weights are read
through a memory map in the safetensors format (eight bytes with the length of a JSON header, the
header, the raw tensors), so that the processes of one machine share them.
"""

import json
import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mirage.embed.vectors import Vectors

MAX_TOKENS = 256
"""Longest text that the model was trained on, including special tokens (by its card)."""

_HEAD_SIZE = 32
_EPSILON = 1e-12
_CLASSIFY, _SEPARATE = 101, 102
_MASKED = np.float32(-1e9)

Array = npt.NDArray[np.float32]


class Bert:
    """The model. Use it from one thread at a time, so that one batch bounds the memory."""

    def __init__(self, weights: Path) -> None:
        self._tensors = _map_tensors(weights)
        self._layers = sum(name.endswith("attention.self.key.bias") for name in self._tensors)
        self.dimensions = len(self._tensors["embeddings.LayerNorm.bias"])

    def embed(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Return unit vectors of texts, given as token ids without special tokens, in one batch."""
        lengths = np.array([len(text) + 2 for text in texts])
        ids = np.zeros((len(texts), lengths.max()), np.int64)
        for row, text in enumerate(texts):
            ids[row, : lengths[row]] = [_CLASSIFY, *text, _SEPARATE]
        real = np.arange(ids.shape[1]) < lengths[:, None]
        hidden = self._embeddings(ids)
        mask = np.where(real, np.float32(0), _MASKED).astype(np.float32)[:, None, None, :]
        for layer in range(self._layers):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, mask)
        pooled = np.einsum("bld,bl->bd", hidden, real.astype(np.float32))
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _embeddings(self, ids: npt.NDArray[np.int64]) -> Array:
        words = self._tensors["embeddings.word_embeddings.weight"][ids]
        words += self._tensors["embeddings.position_embeddings.weight"][: ids.shape[1]]
        words += self._tensors["embeddings.token_type_embeddings.weight"][0]
        return self._normalise("embeddings.LayerNorm", words)

    def _layer(self, name: str, hidden: Array, mask: Array) -> Array:
        attended = self._attention(f"{name}.attention.self", hidden, mask)
        attended = self._linear(f"{name}.attention.output.dense", attended)
        attended += hidden
        hidden = self._normalise(f"{name}.attention.output.LayerNorm", attended)
        inner = _gelu(self._linear(f"{name}.intermediate.dense", hidden))
        inner = self._linear(f"{name}.output.dense", inner)
        inner += hidden
        return self._normalise(f"{name}.output.LayerNorm", inner)

    def _attention(self, name: str, hidden: Array, mask: Array) -> Array:
        query, key, value = (
            _heads(self._linear(f"{name}.{part}", hidden)) for part in ("query", "key", "value")
        )
        scores: Array = query @ key.swapaxes(2, 3)
        scores *= np.float32(_HEAD_SIZE**-0.5)
        scores += mask
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        attended: Array = scores @ value
        return attended.swapaxes(1, 2).reshape(hidden.shape)

    def _linear(self, name: str, values: Array) -> Array:
        result: Array = values @ self._tensors[f"{name}.weight"].T
        result += self._tensors[f"{name}.bias"]
        return result

    def _normalise(self, name: str, values: Array) -> Array:
        values = values - values.mean(axis=-1, keepdims=True)
        variance = np.square(values).mean(axis=-1, keepdims=True)
        values /= np.sqrt(variance + np.float32(_EPSILON))
        values *= self._tensors[f"{name}.weight"]
        values += self._tensors[f"{name}.bias"]
        return values


def _heads(values: Array) -> Array:
    """Return (texts, tokens, dimensions) as (texts, heads, tokens, head size)."""
    return values.reshape(*values.shape[:2], -1, _HEAD_SIZE).swapaxes(1, 2)


def _gelu(values: Array) -> Array:
    """Return GELU in its tanh form (Hendrycks and Gimpel, 2016); the vectors stay the same."""
    inner = np.square(values)
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= values
    inner *= np.float32((2 / np.pi) ** 0.5)
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= values
    inner *= np.float32(0.5)
    return inner


def _map_tensors(path: Path) -> dict[str, Array]:
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    begin = 8 + int.from_bytes(mapped[:8], "little")
    tensors: dict[str, Array] = {}
    for name, entry in json.loads(mapped[8:begin]).items():
        if entry.get("dtype") == "F32":
            start, end = entry["data_offsets"]
            values = np.frombuffer(mapped, np.float32, (end - start) // 4, begin + start)
            tensors[name] = values.reshape(entry["shape"])
    return tensors
