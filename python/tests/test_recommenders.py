# SPDX-License-Identifier: MIT
from datetime import date

import numpy as np
import pytest
from scipy import sparse

import bodega


def scorers(catalog, baskets, counts):
    ease = bodega.fit_ease(counts, l2=20)
    content = bodega.ContentModel(catalog)
    window = bodega.SessionWindow(30, sessions=1000)
    for i in range(len(baskets)):
        window.append(baskets[i])
    rows = baskets.basket_items()
    return {
        "ease": ease,
        "ease int8": bodega.quantize(ease),
        "neighbours": bodega.fit_item_neighbours(counts, similarity="conditional"),
        "bm25": bodega.fit_bm25_neighbours(baskets),
        "rp3beta": bodega.fit_rp3beta(baskets),
        "tfidf": bodega.fit_tfidf_neighbours(baskets),
        "log_likelihood": bodega.fit_item_neighbours(counts, similarity="log_likelihood"),
        "complements": bodega.fit_complements(counts),
        "rules": bodega.fit_association_rules(baskets, support=0.005, confidence=0.05).model,
        "als": bodega.fit_als(rows, factors=8, threads=1),
        "bpr": bodega.fit_bpr(rows, factors=8, epochs=20),
        "session": bodega.SessionNeighbours(window),
        "sequential": bodega.quantize(bodega.fit_sequential_rules(window, view_decay=0.5)),
        "content": content,
        "content int8": bodega.quantize(content),
        "popularity": bodega.Popularity(baskets),
        "vectors": bodega.fit_item_vectors(counts, dimensions=8),
        "blend": bodega.blend(ease, 0.7, content, 0.2, bodega.Popularity(baskets), 0.1),
    }


NAMES = ["ease", "ease int8", "neighbours", "bm25", "rp3beta", "tfidf", "log_likelihood",
         "complements", "rules", "als", "bpr", "session", "sequential", "content", "content int8",
         "popularity", "vectors", "blend"]


@pytest.fixture(scope="module")
def every(catalog, baskets, counts):
    return scorers(catalog, baskets, counts)


@pytest.fixture(scope="module", params=NAMES)
def scorer(request, every):
    return every[request.param]


def test_every_scorer(scorer):
    """One contract, whatever the model and its format."""
    assert isinstance(scorer, bodega.Scorer)
    assert scorer.items == 30
    scores = scorer.scores([3, 8])
    assert scores.shape == (30,) and scores.dtype == np.float32
    np.testing.assert_array_equal(scores, scorer.scores(np.array([3, 8], dtype=np.uint32)))
    np.testing.assert_array_equal(scores, scorer.scores((3, 8, 4_000_000)))  # unknown: ignored
    np.testing.assert_array_equal(scorer.scores([3]), scorer.scores(viewed=3))

    picks = scorer.recommend([3, 8], k=5)
    assert 0 < len(picks) <= 5
    assert not {pick.item for pick in picks} & {3, 8}
    assert [pick.score for pick in picks] == sorted((pick.score for pick in picks), reverse=True)
    for pick in picks:
        assert pick.score == scores[pick.item]
        assert 1 <= len(pick.because) <= 3
        assert pick.because[0].kind in ("bought_together", "alike", "popular")
    reason = scorer.explain([3, 8], picks[0].item)[0]
    assert reason.contribution == picks[0].because[0].contribution

    allowed = np.ones(30, dtype=bool)
    allowed[picks[0].item] = False
    assert picks[0].item not in [p.item for p in scorer.recommend([3, 8], k=5, allowed=allowed)]
    assert scorer.recommend([3, 8], k=5, allowed=np.zeros(30, dtype=bool)) == []
    assert len(scorer.recommend([3], k=10**9)) < 30


@pytest.mark.parametrize(
    ("allowed", "code"), [([1, 0], "invalid_argument"), ([True, False], "shape")]
)
def test_masks_are_checked(counts, allowed, code):
    with pytest.raises(bodega.Error) as caught:
        bodega.fit_ease(counts).recommend([0], allowed=allowed)
    assert caught.value.code == code


def test_cooccurrence_counts(counts, baskets):
    dense = np.zeros((len(baskets), 30))
    for i in range(len(baskets)):
        dense[i, baskets[i]] = 1
    expected = dense.T @ dense
    pairs = counts.pairs()
    assert isinstance(pairs, sparse.csr_matrix) and pairs.dtype == np.float32
    np.testing.assert_array_equal(pairs.toarray() + np.diag(dense.sum(0)), expected)
    assert counts.pair(3, 8) == expected[3, 8] and counts.count(3) == expected[3, 3]
    assert counts.baskets == len(baskets)

    again = bodega.Cooccurrence.from_user_items(sparse.coo_matrix(dense))
    np.testing.assert_array_equal(again.pairs().toarray(), pairs.toarray())
    also = bodega.Cooccurrence.from_user_items(sparse.csc_array(dense.astype(np.int64)))
    np.testing.assert_array_equal(also.pairs().toarray(), pairs.toarray())


def test_baskets_may_be_weighted(baskets):
    weights = bodega.inverse_size_weights(baskets, 1)
    sizes = [len(baskets[i]) for i in range(len(baskets))]
    np.testing.assert_allclose(weights, 1 / np.array(sizes))
    counts = bodega.Cooccurrence(baskets, weights=weights)
    assert counts.baskets == pytest.approx(weights.sum(), rel=1e-6)
    with pytest.raises(bodega.Error):
        bodega.Cooccurrence(baskets, weights=weights[1:])


def test_from_user_items_takes_duplicates_and_zeros():
    rows, columns, values = [0, 0, 0, 1], [1, 1, 0, 2], [1, 1, 1, 0]
    counts = bodega.Cooccurrence.from_user_items(
        sparse.coo_matrix((values, (rows, columns)), shape=(2, 3))
    )
    assert counts.count(1) == 1 and counts.pair(0, 1) == 1 and counts.count(2) == 0
    with pytest.raises(TypeError):
        bodega.Cooccurrence.from_user_items(np.eye(3))
    unsorted = sparse.csr_matrix(
        (np.ones(2), np.array([2, 0]), np.array([0, 2])), shape=(1, 3)
    )
    assert bodega.Cooccurrence.from_user_items(unsorted).pair(0, 2) == 1
    assert unsorted.indices.tolist() == [2, 0]  # the caller's matrix is left alone


def test_cooccurrence_merges_and_decays(counts, baskets):
    north = bodega.Cooccurrence(30, half_life_days=10)
    south = bodega.Cooccurrence(30, half_life_days=10)
    north.add([1, 2], date(2024, 1, 1))
    south.add([1, 2, 2, 3], date(2024, 1, 11), weight=2)
    north.merge(south)
    assert north.pair(1, 2) == 2.5 and north.day == date(2024, 1, 11)
    north.decay_to(date(2024, 1, 21))
    assert north.pair(1, 2) == 1.25
    with pytest.raises(bodega.Error) as caught:
        north.merge(bodega.Cooccurrence(29, half_life_days=10))
    assert caught.value.code == "shape"


def test_ease_is_the_closed_form(counts):
    l2 = 50.0
    gram = counts.pairs().toarray().astype(float)
    gram += np.diag([counts.count(i) + l2 for i in range(30)])
    inverse = np.linalg.inv(gram)
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    weights = bodega.fit_ease(counts, l2=l2, neighbours=0).weights
    np.testing.assert_allclose(weights.toarray(), expected, atol=1e-6)
    strongest = bodega.fit_ease(counts, l2=l2, neighbours=4).weights
    assert np.diff(strongest.indptr).max() == 4
    correlations = bodega.fit_ease(counts, l2=l2, neighbours=0, symmetry=0.5).weights.toarray()
    np.testing.assert_allclose(correlations, correlations.T, atol=1e-6)
    least_missed = bodega.fit_ease(counts, l2=l2, neighbours=4, keep="least_missed").weights
    assert least_missed.nnz <= 4 * 30 and np.diff(least_missed.indptr).max() > 4


def test_weights_of_your_own():
    weights = sparse.random(6, 6, density=0.5, random_state=1, format="csr", dtype=np.float32)
    model = bodega.ItemItem(weights)
    np.testing.assert_array_equal(model.weights.toarray(), weights.toarray())
    np.testing.assert_allclose(
        model.scores([0, 4]), weights.toarray()[[0, 4]].sum(0), rtol=1e-6
    )
    with pytest.raises(bodega.Error) as caught:
        bodega.ItemItem(sparse.csr_matrix(np.array([[0, np.nan], [1, 0]])))
    assert caught.value.code == "not_finite"
    with pytest.raises(bodega.Error):
        bodega.ItemItem(sparse.csr_matrix((2, 3)))


def test_neighbours(counts):
    cosine = bodega.fit_item_neighbours(counts, neighbours=0).weights
    expected = counts.pair(3, 8) / np.sqrt(counts.count(3) * counts.count(8))
    assert cosine[3, 8] == pytest.approx(expected, rel=1e-6)
    with pytest.raises(bodega.Error) as caught:
        bodega.fit_item_neighbours(counts, similarity="dice")
    assert "'shrunk_lift'" in caught.value.expected


def test_popularity(baskets):
    popularity = bodega.Popularity(baskets, half_life_days=0)
    assert popularity.scores().sum() == pytest.approx(1, abs=1e-5)
    before = popularity.share(29)
    popularity.add(29, date(2024, 6, 1), weight=1000)
    assert before == 0 and popularity.share(29) > 0.3
    other = bodega.Popularity(30, half_life_days=0)
    other.add(29, date(2024, 6, 2), weight=10_000)
    other.merge(popularity)
    assert other.share(29) > popularity.share(29)
    with pytest.raises(bodega.Error):
        other.merge(bodega.Popularity(30))
    assert bodega.Popularity(5).recommend() == []


def test_content_recommends_what_was_never_sold(catalog):
    content = bodega.ContentModel(catalog)
    picks = content.recommend([14], k=3)  # a green basket, as items 29 is
    assert 29 in [pick.item for pick in picks]
    reason = next(pick for pick in picks if pick.item == 29).because[0]
    assert reason.kind == "alike" and reason.item == 14
    assert content.term(reason.term) in content.terms
    text = bodega.describe(reason, catalog, content.term(reason.term))
    assert text == f"alike: {content.term(reason.term)}"
    lengths = np.sqrt(content.item_terms.multiply(content.item_terms).sum(1))
    np.testing.assert_allclose(lengths, 1, rtol=1e-5)


def test_item_vectors(counts):
    model = bodega.fit_item_vectors(counts, dimensions=8)
    vectors = model.vectors
    assert vectors.shape == (30, 8) and not vectors.flags.writeable
    np.testing.assert_allclose(np.linalg.norm(vectors[:29], axis=1), 1, rtol=1e-5)
    same = bodega.fit_item_vectors(counts.pairs(), dimensions=8).vectors
    np.testing.assert_array_equal(vectors, same)

    nearest = model.nearest(3, k=4)
    cosines = vectors @ vectors[3]
    cosines[3] = -2
    assert [item for item, _ in nearest] == np.argsort(-cosines, kind="stable")[:4].tolist()
    assert nearest[0][1] == pytest.approx(model.cosine(3, nearest[0][0]), rel=1e-5)

    del model
    assert np.isfinite(vectors).all()  # the view keeps its model alive
    np.testing.assert_array_equal(bodega.ItemVectors(vectors).vectors, vectors)
    with pytest.raises(bodega.Error):
        bodega.ItemVectors(np.zeros(3))


def test_blend_adds(counts, catalog):
    ease, content = bodega.fit_ease(counts), bodega.ContentModel(catalog)
    mixed = bodega.blend(ease, 2.0, content, 0.5)
    expected = 2 * ease.scores([1, 2]) + 0.5 * content.scores([1, 2])
    np.testing.assert_allclose(mixed.scores([1, 2]), expected, rtol=1e-5, atol=1e-7)
    for wrong in [(), (ease,), (ease, 1.0), (ease, 1.0, content)]:
        with pytest.raises(bodega.Error):
            bodega.blend(*wrong)
    with pytest.raises(bodega.Error) as caught:
        bodega.blend(ease, 1.0, bodega.Popularity(31), 1.0)
    assert caught.value.code == "shape"


def test_evaluate_ranking(baskets):
    train, _, test = bodega.split_by_time(baskets, bodega.time_cut(baskets, 0, 0.2))
    known = bodega.items_in_baskets(train)
    assert known.dtype == bool and not known[29]
    cases = bodega.LeaveOneOut(test, known)
    counts = bodega.Cooccurrence(train)
    ease = bodega.evaluate_ranking(bodega.fit_ease(counts, l2=20), cases, k=5)
    popular = bodega.evaluate_ranking(bodega.Popularity(train), cases, k=5, threads=1)
    assert ease.cases == len(cases) == len(ease.rank) and ease.k == 5
    assert ease.hit_rate.mean == pytest.approx(np.mean(ease.rank > 0))
    assert ease.hit_rate.half_width > 0
    assert ease.hit_rate.mean > popular.hit_rate.mean
    difference = bodega.ranking_difference(ease, popular, cases)
    assert difference.hit_rate.mean == pytest.approx(ease.hit_rate.mean - popular.hit_rate.mean)
    with pytest.raises(bodega.Error):
        bodega.evaluate_ranking(bodega.Popularity(31), cases)

    chosen = bodega.LeaveOneOut(known)
    for i in range(len(test)):
        basket = test[i][known[test[i]]]
        for hidden in range(len(basket) if len(basket) > 1 else 0):
            chosen.add(basket, hidden, new_basket=hidden == 0)
    assert (len(chosen), chosen.baskets) == (len(cases), cases.baskets)
    again = bodega.evaluate_ranking(bodega.fit_ease(counts, l2=20), chosen, k=5)
    np.testing.assert_array_equal(again.rank, ease.rank)
    assert again.hit_rate.half_width == ease.hit_rate.half_width
    with pytest.raises(bodega.Error):
        chosen.add([0, 1], 2)
