# SPDX-License-Identifier: MIT
"""Factor models: ALS, BPR, folding in."""

import numpy as np
import pytest

import bodega


def test_als_folds_in_the_least_loss(baskets):
    rows = baskets.user_items()
    model = bodega.fit_als(rows, factors=8, unobserved=0.1, l2=0.05, threads=1)
    assert model.factors == 8 and model.vectors.shape == (30, 8)
    vectors = model.vectors.astype(float)
    basket = [3, 8, 13]
    # Rendle et al., RecSys 2022: confidence is the mean of the rows' values.
    confidence = rows.data.mean()
    held = vectors[basket]
    penalty = 0.05 * (len(basket) + 0.1 * 30)
    system = 0.1 * vectors.T @ vectors + confidence * held.T @ held + penalty * np.eye(8)
    expected = np.linalg.solve(system, confidence * held.sum(0))
    np.testing.assert_allclose(model.fold_in(basket), expected, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(model.scores(basket), vectors @ expected, rtol=1e-3, atol=1e-4)
    assert not model.fold_in([]).any()

    same = bodega.fit_als(rows, factors=8, unobserved=0.1, l2=0.05, threads=2)
    np.testing.assert_array_equal(same.vectors, model.vectors)
    steps = bodega.fit_als(rows, factors=8, solver="conjugate_gradients", iterations=2)
    assert np.isfinite(steps.vectors).all()
    with pytest.raises(bodega.Error):
        bodega.fit_als(rows, solver="cholesky")
    with pytest.raises(bodega.Error):
        bodega.fit_als(rows, factors=0)


@pytest.mark.parametrize("how", ["als", "bpr"])
def test_factors_know_the_departments(baskets, how):
    """Shoppers mostly stay within the items of one remainder by 5."""
    rows = baskets.basket_items()
    assert rows.shape == (len(baskets), 30) and rows.sum() == sum(
        len(baskets[i]) for i in range(len(baskets))
    )
    if how == "als":
        model = bodega.fit_als(rows, factors=8, threads=1)
    else:
        model = bodega.fit_bpr(rows, factors=8, epochs=40, seed=3)
    found = [pick.item % 5 == 3 for pick in model.recommend([3, 8], k=4)]
    assert sum(found) >= 3
    directions = model.directions()
    lengths = np.linalg.norm(directions[:29], axis=1)
    np.testing.assert_allclose(lengths, 1, rtol=1e-5)
    near = bodega.ItemVectors(directions).nearest(3, k=3)
    assert sum(item % 5 == 3 for item, _ in near) >= 2


def test_vectors_of_your_own_keep_their_products():
    vectors = np.random.default_rng(5).normal(size=(12, 4))
    model = bodega.FactorModel(vectors, unobserved=0.2, l2=0.1)
    np.testing.assert_allclose(
        model.vectors @ model.vectors.T, vectors @ vectors.T, rtol=1e-4, atol=1e-4
    )
    with pytest.raises(bodega.Error):
        bodega.FactorModel(vectors, l2=-1)
