# SPDX-License-Identifier: MIT
"""What goes with what: association rules, complements, substitutes."""

from datetime import datetime

import numpy as np
import pytest

import bodega


@pytest.fixture(scope="module")
def shop():
    """Milk A 0 or milk B 1 with cereal 2 and coffee 3; pasta 4 with sauce 5; one item alone."""
    baskets = bodega.Baskets(6)
    for day in range(100):
        for items in ([day % 2, 2, 3], [4, 5], [day % 6]):
            baskets.add(datetime(2024, 1, 1), items)
    return baskets


@pytest.fixture(scope="module")
def names():
    catalog = bodega.Catalog()
    for name in ("MILK A", "MILK B", "CEREAL", "COFFEE", "PASTA", "SAUCE"):
        catalog.add(name)
    return catalog


def test_rules_are_what_the_baskets_say(shop, names):
    fitted = bodega.fit_association_rules(shop, support=0.01, confidence=0.2)
    rules = fitted.model.rules()
    assert len(rules) == fitted.rules > 0 and fitted.left_out == 0
    assert [rule.lift for rule in rules] == sorted((rule.lift for rule in rules), reverse=True)
    held = [set(shop[i]) for i in range(len(shop))]
    for rule in rules:
        first = [basket for basket in held if basket >= set(rule.antecedent)]
        both = [basket for basket in first if rule.consequent in basket]
        share = sum(rule.consequent in basket for basket in held) / len(held)
        assert rule.confidence == pytest.approx(len(both) / len(first), rel=1e-6)
        assert rule.support == pytest.approx(len(both) / len(held), rel=1e-6)
        assert rule.lift == pytest.approx(rule.confidence / share, rel=1e-5)
        assert rule.lift > 1 and rule.confidence >= 0.2
    pasta = next(rule for rule in rules if rule.antecedent == [4])
    assert bodega.describe(pasta, names).startswith("PASTA -> SAUCE: support 33.33 %")
    assert "4 -> 5" in repr(pasta)
    assert fitted.model.recommend([4], k=1)[0].item == 5

    few = bodega.fit_association_rules(shop, support=0.01, confidence=0.2, max_rules=3)
    assert few.rules == 3 and few.left_out == fitted.rules - 3
    with pytest.raises(bodega.Error):
        bodega.fit_association_rules(shop, confidence=2)


def test_complements_and_substitutes(shop):
    counts = bodega.Cooccurrence(shop)
    complements = bodega.fit_complements(counts)
    chance = counts.count(4) * counts.count(5) / counts.baskets
    assert complements.weights[4, 5] == pytest.approx(
        np.log((counts.pair(4, 5) + 10) / (chance + 10)), rel=1e-5
    )
    assert complements.weights[0, 1] == 0
    shared = bodega.shared_complements(complements, 0, 1)
    assert {reason.item for reason in shared} == {2, 3}

    substitutes = bodega.fit_substitutes(counts)
    assert substitutes.weights[0, 1] > 0.2 and substitutes.weights[4, 5] == 0
    instead = substitutes.recommend(viewed=0, k=1)
    assert instead[0].item == 1 and instead[0].because[0].kind == "alike"
    with pytest.raises(bodega.Error):
        bodega.fit_substitutes(counts, least_alike=2)


def test_tfidf_neighbours_are_cosines(shop):
    weights = bodega.fit_tfidf_neighbours(shop, neighbours=0).weights.toarray()
    assert weights[4, 5] > weights[4, 2] and 0 < weights[4, 5] <= 1
    np.testing.assert_allclose(weights, weights.T, atol=1e-6)
