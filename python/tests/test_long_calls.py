# SPDX-License-Identifier: MIT
"""Progress, cancelling, Ctrl-C, and other threads that go on meanwhile."""

import io
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from scipy import sparse

import bodega

ITEMS = 400


@pytest.fixture(scope="module")
def user_items():
    return sparse.random(3000, ITEMS, density=0.02, random_state=5, format="csr")


@pytest.fixture(scope="module")
def counts(user_items):
    return bodega.Cooccurrence.from_user_items(user_items)


def long_calls(user_items, counts, baskets, windows):
    csv = "receipt,item,quantity,time\n" + "1,bread,1,2024-01-01\n" * 20000
    cases = bodega.LeaveOneOut(baskets)
    return {
        "reading": lambda p: bodega.read_receipts(io.StringIO(csv), progress=p),
        "counting": lambda p: bodega.Cooccurrence.from_user_items(user_items, progress=p),
        "ease": lambda p: bodega.fit_ease(counts, progress=p),
        "neighbours": lambda p: bodega.fit_item_neighbours(counts, progress=p),
        "vectors": lambda p: bodega.fit_item_vectors(counts, dimensions=4, progress=p),
        "training": lambda p: bodega.train_lstm(windows, hidden=8, epochs=3, progress=p),
        "evaluation": lambda p: bodega.evaluate_ranking(
            bodega.Popularity(baskets), cases, progress=p
        ),
    }


@pytest.fixture(params=["reading", "counting", "ease", "neighbours", "vectors", "training",
                        "evaluation"])
def long_call(request, user_items, counts, baskets, windows):
    return long_calls(user_items, counts, baskets, windows)[request.param]


def test_progress_and_cancel(long_call):
    seen = []
    long_call(lambda task, done, total, loss: seen.append((task, done, total, loss)))
    task, done, total, _ = seen[-1]
    assert task and done == total and len(seen) >= 2

    with pytest.raises(bodega.Error) as caught:
        long_call(lambda *_: False)
    assert caught.value.code == "cancelled"


def test_an_exception_of_the_callback_ends_the_call(long_call):
    def fail(task, done, total, loss):
        raise LookupError(task)

    with pytest.raises(LookupError):
        long_call(fail)


# Calls that take many seconds: what they are of, and the call.
LONG = {
    "train_lstm": ("sales(40, 400)", "bodega.train_lstm(of, hidden=64, epochs=10**6)"),
    "evaluate_forecaster": (
        "(bodega.Lstm(**{k: rng.normal(size=s) for k, s in dict(input=(1, 1024), bias=1024,"
        " recurrent=(256, 1024), output=(1, 256)).items()}, inputs='window'),"
        " bodega.SalesWindows(sales(2000, 200)))",
        "bodega.evaluate_forecaster(*of)"),
    "forecasts": (
        "(bodega.Lstm(**{k: rng.normal(size=s) for k, s in dict(input=(1, 1024), bias=1024,"
        " recurrent=(256, 1024), output=(1, 256)).items()}, inputs='window'),"
        " bodega.SalesWindows(sales(2000, 200)))",
        "of[0].forecast(of[1])"),
    "fit_als": ("table(20000, 3000)",
                "bodega.fit_als(of, factors=256, iterations=10**4, solver='blocks')"),
    "fit_als by gradients": (
        "table(20000, 3000)",
        "bodega.fit_als(of, factors=256, iterations=10**4, solver='conjugate_gradients')"),
    "fit_bpr": ("table(20000, 3000)", "bodega.fit_bpr(of, factors=64, epochs=10**6)"),
    "fit_ease": ("bodega.Cooccurrence.from_user_items(table(20000, 4000))", "bodega.fit_ease(of)"),
    "fit_sequential_rules": (
        "window(20000)", "bodega.fit_sequential_rules(of, steps=30)"),
    "fit_item_vectors": ("bodega.Cooccurrence.from_user_items(table(20000, 6000))",
                         "bodega.fit_item_vectors(of, dimensions=300)"),
    "counting": ("table(60000, 12000, 100)", "bodega.Cooccurrence.from_user_items(of)"),
    "evaluate_ranking": (
        "(bodega.FactorModel(vectors=rng.normal(size=(100_000, 64))),"
        " cases(100_000, 20_000))", "bodega.evaluate_ranking(*of)"),
}
SCRIPT = """
import sys, time
import numpy as np
from datetime import date
from scipy import sparse
import bodega

rng = np.random.default_rng(1)

def sales(items, days):
    return bodega.DailySales(rng.poisson(3, (items, days)), date(2023, 1, 1))

def table(rows, columns, each=10):
    column = (columns * rng.random(rows * each) ** 2).astype(int)
    row = np.repeat(np.arange(rows), each)
    return sparse.csr_matrix((np.ones(rows * each), (row, column)), (rows, columns))

def window(sessions):
    held = bodega.SessionWindow(20_000, sessions=sessions, views=sessions * 100)
    held.extend(rng.integers(0, 20_000, sessions * 100), np.full(sessions, 100))
    return held

def cases(items, count):
    held = bodega.LeaveOneOut(np.ones(items, dtype=bool))
    for basket in rng.integers(0, items, (count, 3)):
        held.add(np.unique(basket), 0)
    return held

of = OF
print("started", flush=True)
try:
    CALL
    print("ended by itself", flush=True)
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("name", LONG)
def test_control_c(name, tmp_path):
    """Also without a callback a call ends within a fifth of a second of Ctrl-C."""
    of, do = LONG[name]
    waited = []
    # At several places of the call; and on a busy machine the first tries may say little.
    for wait in (0.3, 0.7, 1.1, 0.5, 0.9, 0.4):
        call = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.replace("OF", of).replace("CALL", do)],
            stdout=subprocess.PIPE, text=True, cwd=tmp_path,
            # Who runs the tests in the background has the signal ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        try:
            assert call.stdout.readline() == "started\n"
            time.sleep(wait)
            sent = time.monotonic()
            call.send_signal(signal.SIGINT)
            answer, _ = call.communicate(timeout=60)
        finally:
            call.kill()
        waited.append(float(answer) - sent)
        if waited[-1] < 0.2:
            return
    pytest.fail(f"{waited} s")


@pytest.mark.parametrize("answer", [False, np.False_, 0, "", []], ids=repr)
def test_what_is_false_cancels(answer, counts):
    with pytest.raises(bodega.Error) as caught:
        bodega.fit_ease(counts, progress=lambda *_: answer)
    assert caught.value.code == "cancelled"


@pytest.mark.parametrize("answer", [None, True, np.True_, 1, "on"], ids=repr)
def test_nothing_and_what_is_true_go_on(answer, counts):
    bodega.fit_ease(counts, progress=lambda *_: answer)


def test_the_bar(long_call, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("bodega._progress.tqdm", None)
    for stream, drawn in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        long_call(True)
        assert "100%" in stream.getvalue() and ("\r" in stream.getvalue()) == drawn
    assert len(stream.getvalue().splitlines()) <= 6 * 4  # elsewhere a line for each fifth of a task
    monkeypatch.setattr("sys.stderr", None)
    long_call(True)
    with pytest.raises(TypeError):
        long_call("please")


def test_a_bar_of_tqdm(long_call, monkeypatch):
    tqdm = pytest.importorskip("tqdm").tqdm
    monkeypatch.setattr("bodega._progress.tqdm", tqdm)
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    long_call(True)
    assert "100%" in stream.getvalue() and "it/s" in stream.getvalue()


def test_losses_are_reported(windows):
    losses = {}
    bodega.train_lstm(
        windows, hidden=8, epochs=3,
        progress=lambda task, done, total, loss: losses.setdefault(done, loss),
    )
    losses.pop(0, None)  # on the way to the first one
    assert len(losses) == 3 and all(loss > 0 for loss in losses.values())


def test_other_threads_run_meanwhile(counts):
    """Between two reports of progress another thread gets the lock, so the call has let it go."""
    count, ran = 0, []
    stop = threading.Event()

    def other():
        nonlocal count
        while not stop.is_set():
            count += 1

    thread = threading.Thread(target=other)
    thread.start()
    try:
        bodega.fit_ease(counts, progress=lambda *_: ran.append(count))
    finally:
        stop.set()
        thread.join()
    assert np.diff(ran).max() > 0
