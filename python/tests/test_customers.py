# SPDX-License-Identifier: MIT
"""What known customers buy: repeat purchases, customers alike, what is due, next baskets."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from scipy import sparse

import bodega


def test_repeat_purchase_is_the_personal_frequency(baskets):
    plain = bodega.fit_repeat_purchase(baskets, prior=0)
    assert plain.customers == baskets.customers
    shares = bodega.purchase_shares(baskets).toarray()
    own = [i for i in range(len(baskets)) if baskets.customer(i) == 7]
    for item in (3, 8):
        share = np.mean([item in baskets[i] for i in own])
        assert shares[7, item] == pytest.approx(share)
        assert plain.scores(customer=7)[item] == pytest.approx(share)
    assert not plain.scores().any()
    leaning = bodega.fit_repeat_purchase(baskets)
    assert leaning.scores().any()  # what all buy
    reasons = [pick.because[0].kind for pick in leaning.recommend(customer=7, k=5)]
    assert set(reasons) <= {"bought_before", "popular"}
    faded = bodega.fit_repeat_purchase(baskets, age="days", per_step=0.9, prior=0)
    assert not np.array_equal(faded.scores(customer=7), plain.scores(customer=7))
    with pytest.raises(bodega.Error) as caught:
        bodega.fit_repeat_purchase(baskets, age="weeks")
    assert "'days'" in caught.value.expected


def test_customer_neighbours(baskets):
    shares = bodega.purchase_shares(baskets)
    alike = bodega.fit_customer_neighbours(shares, neighbours=10, items=5, threads=1)
    again = bodega.fit_customer_neighbours(shares, neighbours=10, items=5, threads=2)
    weights = alike.weights
    assert weights.shape == shares.shape and np.diff(weights.indptr).max() == 5
    np.testing.assert_array_equal(weights.toarray(), again.weights.toarray())
    np.testing.assert_array_equal(alike.scores(customer=3), weights.toarray()[3])
    assert alike.recommend(customer=3)[0].because[0].kind == "bought_by_alike"
    assert not alike.scores(customer=10_000).any()

    # TIFU-kNN by its definition: the nearest by distance, averaged.
    vectors = bodega.tifu_vectors(baskets)
    dense = vectors.toarray().astype(float)
    near = bodega.fit_customer_neighbours(vectors, similarity="euclidean", neighbours=4, items=0)
    distance = ((dense - dense[3]) ** 2).sum(1)
    distance[3] = np.inf
    nearest = np.argsort(distance, kind="stable")[:4]
    np.testing.assert_allclose(near.weights.toarray()[3], dense[nearest].mean(0), atol=1e-6)
    own = bodega.CustomerItems(vectors)
    tifu = bodega.blend(own, 0.7, near, 0.3)
    np.testing.assert_allclose(
        tifu.scores(customer=3), 0.7 * dense[3] + 0.3 * dense[nearest].mean(0), atol=1e-6
    )
    with pytest.raises(bodega.Error):
        bodega.CustomerItems(sparse.csr_matrix(np.array([[np.inf]])))


def test_what_is_due():
    baskets = bodega.Baskets(4)
    for k in range(12):  # item 0 every 9 days, item 1 every 2 days, item 2 once
        baskets.add(datetime(2024, 1, 1) + timedelta(days=9 * k), [0], customer=0)
    for k in range(54):
        baskets.add(datetime(2024, 1, 1) + timedelta(days=2 * k), [1], customer=0)
    baskets.add(datetime(2024, 1, 2), [2], customer=0)
    cycle = bodega.fit_purchase_cycle(baskets)
    assert cycle.customers == 1 and cycle.today == date(2024, 4, 17)
    early = cycle.scores(customer=0)
    assert early[2] == 0 and early[3] == 0 and early[1] > early[0] > 0
    cycle.close_day(date(2024, 4, 18))  # 10 days after the last one
    due = cycle.scores(customer=0)
    assert due[0] > early[0]
    assert cycle.explain([], 0, customer=0)[0].kind == "due"
    assert cycle.hazard(1) > cycle.hazard(0.25)
    with pytest.raises(bodega.Error):
        bodega.fit_purchase_cycle(baskets, least_purchases=1)


def test_next_baskets(baskets):
    train, valid, test = bodega.split_last_baskets(baskets)
    assert len(valid) == len(test) and len(train) + 2 * len(test) == len(baskets)
    cases = bodega.BasketCases(test, train)
    counts = bodega.Cooccurrence(train)
    model = bodega.fit_repeat_purchase(train)
    report = bodega.evaluate_baskets(model, cases, k=5, sold=counts, threads=1)
    assert report.cases == len(cases) == len(test) == len(report.shown) and report.k == 5

    # The same by hand, of the lists as a shop gets them.
    recall, ndcg, rank, precision = [], [], [], []
    for i in range(len(test)):
        picks = model.recommend(customer=test.customer(i), k=5, query_items="allowed")
        items, targets = [pick.item for pick in picks], test[i]
        recall.append(bodega.recall_at(5, items, targets))
        ndcg.append(bodega.ndcg_at(5, items, targets))
        rank.append(bodega.reciprocal_rank_at(5, items, targets))
        precision.append(bodega.average_precision_at(5, items, targets))
    assert report.recall.mean == pytest.approx(np.mean(recall))
    assert report.ndcg.mean == pytest.approx(np.mean(ndcg))
    assert report.reciprocal_rank.mean == pytest.approx(np.mean(rank))
    assert report.average_precision.mean == pytest.approx(np.mean(precision))
    assert report.repeat_cases > 0 and report.repeat_recall.mean > report.explore_recall.mean
    assert 0 < report.coverage <= 1 and report.novelty > 0 and 0 < report.diversity < 1
    alone = bodega.evaluate_baskets(model, cases, k=5, threads=2)
    assert alone.recall.mean == report.recall.mean and alone.novelty == 0

    chosen = bodega.BasketCases(np.ones(30, dtype=bool))
    for i in range(len(test)):
        chosen.add([], test[i], customer=test.customer(i))
    again = bodega.evaluate_baskets(model, chosen, k=5)
    assert again.recall.mean == pytest.approx(report.recall.mean)
    with pytest.raises(bodega.Error):
        chosen.add([1], [])
    with pytest.raises(bodega.Error):
        bodega.evaluate_baskets(model, chosen, query_items="some")


def test_list_metrics():
    items, targets = [4, 2, 9, 1], [2, 1, 7]
    assert bodega.recall_at(3, items, targets) == pytest.approx(1 / 3)
    assert bodega.reciprocal_rank_at(3, items, targets) == 0.5
    gain = 1 / np.log2(3) + 1 / np.log2(5)
    best = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert bodega.ndcg_at(4, items, targets) == pytest.approx(gain / best)
    assert bodega.average_precision_at(4, items, targets) == pytest.approx((1 / 2 + 2 / 4) / 3)
