import json
from pathlib import Path

import numpy as np
import pytest

from mirage.embed.bert import Bert

VOCABULARY, POSITIONS, LAYERS, HIDDEN, INNER = 120, 32, 2, 64, 128


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A model of random numbers, small, in the shape of the real one."""
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (VOCABULARY, HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "embeddings.LayerNorm.weight": (HIDDEN,),
        "embeddings.LayerNorm.bias": (HIDDEN,),
    }
    for layer in range(LAYERS):
        linear = {
            "attention.self.query": (HIDDEN, HIDDEN),
            "attention.self.key": (HIDDEN, HIDDEN),
            "attention.self.value": (HIDDEN, HIDDEN),
            "attention.output.dense": (HIDDEN, HIDDEN),
            "intermediate.dense": (INNER, HIDDEN),
            "output.dense": (HIDDEN, INNER),
            "attention.output.LayerNorm": (HIDDEN,),
            "output.LayerNorm": (HIDDEN,),
        }
        for name, shape in linear.items():
            shapes[f"encoder.layer.{layer}.{name}.weight"] = shape
            shapes[f"encoder.layer.{layer}.{name}.bias"] = shape[:1]
    random = np.random.default_rng(7)
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    tensors = bytearray()
    for name, shape in shapes.items():
        raw = random.normal(0, 0.3, shape).astype("<f4").tobytes()
        offsets = [len(tensors), len(tensors) + len(raw)]
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": offsets}
        tensors += raw
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(encoded).to_bytes(8, "little") + encoded + tensors)
    return path


def test_shape_comes_from_the_file(weights: Path) -> None:
    assert Bert(weights).dimensions == HIDDEN


def test_vectors_have_unit_length(weights: Path) -> None:
    vectors = Bert(weights).embed([[5, 6, 7], [8]])
    assert vectors.shape == (2, HIDDEN)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-6)


def test_batch_equals_single(weights: Path) -> None:
    model = Bert(weights)
    texts = [[5, 6, 7, 8, 9, 10, 11], [9], [], [60, 61, 62]]
    single = np.concatenate([model.embed([text]) for text in texts])
    np.testing.assert_allclose(model.embed(texts), single, atol=1e-6)


def test_order_of_words_matters(weights: Path) -> None:
    one, other = Bert(weights).embed([[5, 6, 7], [7, 6, 5]])
    assert np.abs(one - other).max() > 1e-3
