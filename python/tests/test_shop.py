# SPDX-License-Identifier: MIT
"""Sales by store and hour, and shares that lean on them."""

from datetime import date, datetime

import numpy as np
import pytest

import bodega

MORNING, EVENING = datetime(2024, 3, 4, 8), datetime(2024, 3, 4, 18)  # a Monday


def chain():
    """Store 1 sells rolls (0) in the morning and wine (1) in the evening, store 2 wine alone."""
    sales = bodega.StoreSales(3)
    for _ in range(50):
        sales.add(1, MORNING, [0])
        sales.add(1, EVENING, [1])
        sales.add(2, EVENING, [1])
    return sales


def test_store_sales_are_sums():
    sales = chain()
    assert sales.items == 3
    assert sales.stores == [1, 2]
    assert sales.of_store(1).tolist() == [50, 50, 0]
    assert sales.of_store(7).tolist() == [0, 0, 0]
    other = bodega.StoreSales(3)
    other.add(None, MORNING, [2, 2], weight=0.5)
    other.merge(sales)
    assert other.stores == [None, 1, 2]
    assert other.of_store(None).tolist() == [0, 0, 1]
    with pytest.raises(bodega.Error):
        sales.merge(bodega.StoreSales(4))


def test_store_sales_of_baskets():
    baskets = bodega.Baskets(3)
    baskets.add(date(2024, 3, 4), [0, 2], store=4)
    baskets.add(date(2024, 3, 4), [1])
    sales = bodega.StoreSales(baskets)
    assert sales.stores == [4, None]
    assert sales.of_store(4).tolist() == [1, 0, 1]


def test_shares_of_a_store_and_an_hour():
    prior = bodega.fit_shop_prior(
        chain(), chain_strength=1, store_strength=10, hour_strength=10, weekday_strength=np.inf
    )
    assert (prior.stores, prior.clusters) == (2, 0)
    assert prior.share(1, store=2) > prior.share(1, store=1) > 0
    assert prior.share(0, store=1, when=MORNING) > prior.share(0, store=1)
    scores = prior.scores(store=1, when=MORNING)
    assert scores[0] == pytest.approx(prior.share(0, store=1, when=MORNING))
    assert prior.recommend(store=1, when=MORNING)[0].item == 0
    assert prior.recommend(store=1, when=EVENING)[0].item == 1
    assert prior.explain([], 1, store=2)[0].kind == "popular"

    small = bodega.quantize(prior)
    assert small.scores(store=2) == pytest.approx(prior.scores(store=2), abs=0.01)
    bundle = bodega.Bundle()
    bundle.add("prior", small)
    bundle.add("sales", chain())
    again = bodega.Bundle.parse(bundle.serialize())
    assert again.get("prior").scores(store=2).tolist() == small.scores(store=2).tolist()
    assert again.get("sales").stores == [1, 2]


def test_clusters_help_a_new_store():
    prior = bodega.fit_shop_prior(
        chain(), clusters=[(1, 0), (2, 1), (9, 1)], chain_strength=1, cluster_strength=5
    )
    assert prior.clusters == 2
    assert prior.share(1, store=9) > prior.share(1)
    with pytest.raises(bodega.Error):
        bodega.fit_shop_prior(chain(), clusters=[(1, 0), (1, 1)])
