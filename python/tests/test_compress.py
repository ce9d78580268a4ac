# SPDX-License-Identifier: MIT
import numpy as np
import pytest

import bodega


@pytest.fixture(scope="module")
def models(catalog, counts, lstm):
    return {
        "item_item": bodega.fit_ease(counts),
        "content": bodega.ContentModel(catalog),
        "item_vectors": bodega.fit_item_vectors(counts, dimensions=8),
        "lstm": lstm,
    }


@pytest.mark.parametrize("kind", ["item_item", "content", "item_vectors", "lstm"])
def test_one_class_for_every_format(models, kind):
    model = models[kind]
    assert model.kind == kind and model.format == "float32"
    for scheme in ("symmetric", "affine"):
        for granularity in ("per_row", "per_tensor", "per_gate"):
            small = bodega.quantize(model, scheme=scheme, granularity=granularity)
            assert type(small) is type(model) and small.format == "int8"
    assert bodega.size_report(small).bytes < bodega.size_report(model).bytes
    real = bodega.dequantize(small)
    assert type(real) is type(model) and real.format == "float32"
    for name, tensor in model.state_dict().items():
        back = real.state_dict()[name]
        assert back.shape == tensor.shape and back.dtype == tensor.dtype
        if tensor.dtype == np.float32 and tensor.size > 0:
            np.testing.assert_allclose(back, tensor, atol=np.abs(tensor).max() / 100)
        else:
            np.testing.assert_array_equal(back, tensor)

    pruned = bodega.prune(model, sparsity=0.75)
    assert bodega.size_report(pruned).bytes < bodega.size_report(model).bytes
    with pytest.raises(bodega.Error):
        bodega.quantize(small)
    with pytest.raises(bodega.Error):
        bodega.dequantize(model)
    with pytest.raises(bodega.Error):
        bodega.prune(small)


def test_pruning_drops_the_smallest(models):
    before = models["item_vectors"].vectors
    after = bodega.prune(models["item_vectors"], sparsity=0.5).vectors
    dropped = after == 0
    assert dropped.sum() == before.size // 2
    assert np.abs(before[dropped]).max() <= np.abs(before[~dropped]).min()
    np.testing.assert_array_equal(after[~dropped], before[~dropped])


def test_fewer_bits_and_other_thresholds(models):
    model = models["lstm"]
    eight, four = (bodega.quantize(model, granularity="per_gate", bits=bits) for bits in (8, 4))
    assert bodega.size_report(four).bytes < bodega.size_report(eight).bytes
    stored = bodega.state_dict(four)["recurrent.stored"]
    assert stored.min() >= -7 and stored.max() <= 7
    with pytest.raises(bodega.Error) as caught:
        bodega.quantize(model, bits=9)
    assert caught.value.code == "out_of_range"

    def zeros(threshold):
        state = bodega.prune(model, sparsity=0.5, threshold=threshold).state_dict()
        return {name: int((state[name] == 0).sum()) for name in ("input", "recurrent", "output")}

    state = model.state_dict()
    for threshold in ("per_tensor", "per_gate"):
        assert zeros(threshold)["recurrent"] == state["recurrent"].size // 2
    assert sum(zeros("per_model").values()) == sum(zeros("per_tensor").values())
    with pytest.raises(bodega.Error):
        bodega.prune(model, threshold="per_day")


def test_what_cannot_be_compressed(catalog, baskets):
    for model in (catalog, bodega.Popularity(baskets)):
        with pytest.raises(bodega.Error) as caught:
            bodega.quantize(model)
        assert caught.value.code == "invalid_argument"
    with pytest.raises(bodega.Error) as caught:
        bodega.prune(bodega.ItemVectors(np.eye(3)), sparsity=1.5)
    assert caught.value.code == "out_of_range"


def test_size_report(models):
    report = bodega.size_report(models["lstm"])
    assert report.bytes == sum(row["bytes"] for row in report.rows)
    assert report.parameters == sum(t.size for t in models["lstm"].state_dict().values())
    row = report.rows[0]
    assert set(row) == {"tensor", "dtype", "encoding", "shape", "bytes"}
    assert row["tensor"] == "input" and row["shape"] == (9, 32)
    assert str(report).startswith("| tensor |") and str(report) == report._repr_markdown_()


def test_state_dict_is_a_copy(models):
    model = models["item_vectors"]
    state = bodega.state_dict(model)
    assert list(state) == ["vectors"]
    state["vectors"][:] = 0
    assert np.abs(model.vectors).max() > 0
