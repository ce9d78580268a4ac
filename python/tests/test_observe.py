# SPDX-License-Identifier: MIT
"""Models that hear receipts, and questions of all their parts."""

from datetime import datetime, timedelta

import numpy as np
import pytest

import bodega

NOON = datetime(2024, 3, 4, 12)  # a Monday


def receipts(count=200, customers=7, items=12, seed=1):
    """(when, items, customer), in order of time."""
    random = np.random.default_rng(seed)
    when = NOON
    for _ in range(count):
        when += timedelta(hours=int(random.integers(1, 40)))
        lines = sorted(set(random.integers(0, items, size=random.integers(1, 6)).tolist()))
        yield when, lines, int(random.integers(0, customers))


def in_two(count=200, fitted=120):
    """Baskets of the first receipts, baskets of all, and the later ones."""
    early, whole, later = bodega.Baskets(12), bodega.Baskets(12), []
    for i, (when, items, customer) in enumerate(receipts(count)):
        # Two customers come in the later part only.
        if i < fitted:
            customer %= 5
            early.add(when, items, customer=customer)
        else:
            later.append((when, items, customer))
        whole.add(when, items, customer=customer)
    return early, whole, later


@pytest.mark.parametrize(
    "fit",
    [
        lambda baskets: bodega.fit_repeat_purchase(baskets, per_step=0.9, prior=0),
        lambda baskets: bodega.fit_customer_baskets(baskets, power=1),
    ],
)
def test_heard_is_fitted_at_once(fit):
    early, whole, later = in_two()
    live, at_once = fit(early), fit(whole)
    for when, items, customer in later:
        live.observe(when, items, customer=customer)
    assert live.customers == at_once.customers == 7
    for customer in range(8):
        for basket in ([], [3, 4]):
            np.testing.assert_allclose(
                live.scores(basket, customer=customer),
                at_once.scores(basket, customer=customer),
                atol=1e-6,
            )
    assert "customer" in live.uses


def test_heard_gaps():
    early, whole, later = in_two()
    cycle = bodega.fit_purchase_cycle(early, keep_counts=True)
    for when, items, customer in later:
        cycle.observe(when, items, customer=customer)
    assert cycle.today == later[-1][0].date()
    cycle.close_day(later[-1][0].date())
    assert cycle.today == bodega.fit_purchase_cycle(whole).today
    assert cycle.customers == 7
    assert any(cycle.scores(customer=6) > 0)


def test_sums_hear_receipts():
    baskets = bodega.Baskets(12)
    counts, popularity = bodega.Cooccurrence(12), bodega.Popularity(12)
    sales = bodega.StoreSales(12)
    for when, items, customer in receipts(50):
        baskets.add(when, items, customer=customer)
        for heard in (counts, popularity, sales):
            heard.observe(when, items, customer=customer)
    assert (counts.pairs() != bodega.Cooccurrence(baskets).pairs()).nnz == 0
    expected = bodega.Popularity(baskets)
    assert [popularity.share(i) for i in range(12)] == [expected.share(i) for i in range(12)]
    assert sales.of_store(None).sum() == sum(len(baskets[i]) for i in range(len(baskets)))
    units = bodega.Popularity(12, count="units")
    units.observe(NOON, [(3, 2.5, 1.99), (4, 0.5), (5, -1)])
    assert units.share(3) == pytest.approx(2.5 / 3)
    assert units.share(5) == 0


def test_sessions_hear_receipts():
    window = bodega.SessionWindow(12, sessions=100)
    model = bodega.SessionNeighbours(window)
    model.observe(NOON, [1, 2, 2])
    assert model.window[0].tolist() == [1, 2, 2]
    assert len(model.window) == 1 and len(window) == 0


def test_lines_that_make_no_sense():
    sales = bodega.StoreSales(12)
    for lines in ([()], [(1, 2, 3, 4)]):
        with pytest.raises(bodega.Error, match="line 1"):
            sales.observe(NOON, lines)
    with pytest.raises(bodega.Error, match="item"):
        sales.observe(NOON, [12])
    with pytest.raises(TypeError):
        sales.observe(NOON, ["milk"])
    with pytest.raises(bodega.Error, match="channel"):
        sales.observe(NOON, [1], channel="window")
    with pytest.raises(TypeError):
        bodega.Popularity(12).observe(NOON, [1], store="Harbour")
    assert sales.stores == []


def test_stores_are_merged_by_name():
    one, other = bodega.StoreSales(3), bodega.StoreSales(3)
    one.observe(NOON, [0], store="Mill Lane")
    one.observe(NOON, [0], store="Harbour")
    other.observe(NOON, [1], store="Harbour")
    other.add("Station", NOON, [2])
    one.merge(other)
    assert one.names == ["Mill Lane", "Harbour", "Station"]
    assert one.of_store("Harbour").tolist() == [1, 1, 0]
    assert one.of_store("Station").tolist() == [0, 0, 1]
    assert one.store_named("Station") == 2 and one.store_named("Quay") is None
    with pytest.raises(bodega.Error, match="Quay"):
        one.of_store("Quay")
    numbered = bodega.StoreSales(3)
    numbered.add(0, NOON, [0])
    with pytest.raises(bodega.Error, match="name"):
        one.merge(numbered)
    prior = bodega.fit_shop_prior(one)
    assert prior.names == one.names
    assert prior.share(2, store="Station") == prior.share(2, store=prior.store_named("Station"))
    assert prior.scores(store=prior.store_named("Harbour"))[1] > 0


def test_kiosks_and_busy_times():
    sales = bodega.StoreSales(2)
    for _ in range(50):
        sales.observe(NOON, [0], channel="kiosk", rush="quiet")
        sales.observe(NOON, [1], channel="assisted", rush="busy")
    prior = bodega.fit_shop_prior(sales, channel_strength=5, rush_strength=5)
    assert {"channel", "rush"} <= set(prior.uses)
    assert prior.share(0, channel="kiosk") > 2 * prior.share(0, channel="assisted")
    assert prior.recommend(channel="kiosk")[0].item == 0
    assert prior.recommend(rush="busy")[0].item == 1
    assert prior.scores(channel="kiosk")[0] == pytest.approx(prior.share(0, channel="kiosk"))


def test_what_was_looked_at_longer_counts_more():
    window = bodega.SessionWindow(30, sessions=100)
    for _ in range(10):
        window.append([1, 11])
        window.append([2, 12])
        window.append([20])
    model = bodega.SessionNeighbours(window)
    assert "dwell" in model.uses
    plain = model.scores(session=[1, 2])
    assert plain.tolist() == model.scores([1, 2]).tolist()
    assert model.scores(session=np.array([1, 2])).tolist() == plain.tolist()
    longer = model.scores(session=[(1, 120.0), (2, 3)])
    assert longer[11] / longer[12] > plain[11] / plain[12]
    assert model.scores(session=[(1, None), 2]).tolist() == plain.tolist()
    assert model.recommend(session=[(1, 300), 2], query_items="allowed")
    with pytest.raises(bodega.Error, match="view 1"):
        model.scores(session=[(1, 2, 3)])
    deaf = bodega.SessionNeighbours(window, half_dwell=0)
    assert "dwell" not in deaf.uses
    assert deaf.scores(session=[(1, 120.0), (2, 3)]).tolist() == plain.tolist()


def test_quantities_are_one_for_each_item():
    counts = bodega.Cooccurrence(3)
    counts.add([0, 1], NOON)
    model = bodega.fit_item_neighbours(counts)
    assert model.uses == ["basket", "viewed"]
    assert model.scores([0], quantities=[3]).tolist() == model.scores([0]).tolist()
    with pytest.raises(bodega.Error, match="quantities"):
        model.scores([0], quantities=[3, 1])


def test_cards_are_known_by_a_hash():
    table = bodega.CustomerTable(["77", "loyal-1"], key=(1, 2))
    assert (table.find("loyal-1"), table.find("78"), table.find("")) == (1, None, None)
    assert table.add("78") == table.add("78") == 2
    assert len(table) == 3 and table.key == (1, 2)
    bundle = bodega.Bundle()
    bundle.add("cards", table)
    assert b"loyal" not in bundle.serialize()
    assert bundle.get("cards").find("78") == 2
    assert bodega.CustomerTable().key != bodega.CustomerTable().key
    with pytest.raises(bodega.Error, match="key"):
        bodega.CustomerTable(["77"], key=(0, 0))
