# SPDX-License-Identifier: MIT
"""What next: session neighbours, sequential rules."""

import math

import numpy as np
import pytest

import bodega

SESSIONS = [[0, 1, 2], [3, 4], [0, 2, 2], [5]]


@pytest.fixture
def window():
    window = bodega.SessionWindow(6, sessions=10)
    window.extend(np.concatenate(SESSIONS), [len(session) for session in SESSIONS])
    return window


def test_a_window_keeps_the_newest(window):
    assert len(window) == 4 and window.capacity == 10 and window.items == 6
    assert [window[i].tolist() for i in range(4)] == SESSIONS
    assert [window.count(item) for item in (0, 2, 5, 99)] == [2, 2, 1, 0]
    for _ in range(8):
        window.append([1, 77])
    assert len(window) == 10 and window[9].tolist() == [1] and window[0].tolist() == [0, 2, 2]
    with pytest.raises(IndexError):
        window[10]
    with pytest.raises(bodega.Error) as caught:
        window.extend([1, 2, 3], [1, 1])
    assert caught.value.code == "shape"
    with pytest.raises(bodega.Error):
        bodega.SessionWindow(6, sessions=0)


def test_vmis_by_hand(window):
    model = bodega.SessionNeighbours(window, match_decay=0)
    scores = model.scores([1, 0])
    # Viewed 1, then 0: the third session shares 0 (1), the first shares both (1.5).
    assert scores[1] == pytest.approx(1.5 / 2.5 * math.log(4))
    assert scores[0] == pytest.approx(math.log(2)) and scores[3] == 0
    picks = model.recommend([1, 0], k=3, query_items="allowed")
    assert picks[0].item == 1 and picks[0].score == scores[1]
    assert [pick.item for pick in model.recommend([1, 0], k=3)] == [2]
    assert picks[0].because[0].contribution == model.explain([1, 0], 1)[0].contribution

    model.append([1, 0, 4])  # learnt at once
    assert model.scores([1, 0])[4] > 0 and len(model.window) == 5
    assert len(window) == 4  # its own copy
    for _ in range(5):
        model.expire_oldest()
    assert not model.scores([1, 0]).any()


def test_options(window):
    model = bodega.SessionNeighbours(window, last_views=9, view_decay=0.2, rare_first=False)
    options = model.options
    assert options["last_views"] == 9 and options["rare_first"] is False
    again = bodega.SessionNeighbours(model.window, **options)
    np.testing.assert_array_equal(again.scores([1, 0]), model.scores([1, 0]))
    with pytest.raises(bodega.Error):
        bodega.SessionNeighbours(window, last_views=17)


def test_a_saved_model_goes_on_learning(window):
    model = bodega.SessionNeighbours(window)
    bundle = bodega.Bundle()
    bundle.add("session", model)
    same = bodega.Bundle.parse(bundle.serialize()).get("session")
    for learner in (model, same):
        learner.append([2, 5, 1])
    np.testing.assert_array_equal(same.scores([2]), model.scores([2]))
    assert same.scores([2])[5] > 0


def test_sequential_rules(window):
    rules = bodega.fit_sequential_rules(window, steps=2)
    weights = rules.weights.toarray()
    # After 0: 1 once at once; 2 two steps later in one session, and in the other one and two.
    assert weights[0, 1] == pytest.approx(1 / 2) and weights[0, 2] == 1
    assert weights[2, 2] == 1 and weights[2, 0] == 0
    np.testing.assert_array_equal(rules.scores([3, 0]), weights[0])
    decayed = bodega.SequentialRules(rules.weights, view_decay=0.5)
    assert decayed.view_decay == 0.5
    np.testing.assert_allclose(decayed.scores([3, 0]), weights[0] + 0.5 * weights[3])
    no_repeats = bodega.fit_sequential_rules(window, repeats=False)
    assert no_repeats.weights[2, 2] == 0
    back = bodega.revisits(6, view_decay=0.5).scores([3, 0])
    assert back.tolist() == [1, 0, 0, 0.5, 0, 0]
