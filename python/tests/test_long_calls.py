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


FOR_EVER = """
import numpy as np
import bodega
from datetime import date
sales = bodega.DailySales(np.ones((1, 30)), date(2024, 1, 1))
print("started", flush=True)
bodega.train_lstm(sales, hidden=8, epochs=10**9, validation_fraction=0)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_control_c(tmp_path):
    """Also without a callback the call looks for Ctrl-C."""
    call = subprocess.Popen(
        [sys.executable, "-c", FOR_EVER],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        # Who runs the tests in the background has the signal ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert call.stdout.readline() == "started\n"
        time.sleep(0.5)  # into the call
        call.send_signal(signal.SIGINT)
        _, errors = call.communicate(timeout=60)
    finally:
        call.kill()
    assert errors.rstrip().endswith("KeyboardInterrupt")


def test_the_bar(long_call, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, drawn in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        long_call(True)
        assert ("100%" in stream.getvalue() and "\r" in stream.getvalue()) == drawn
    with pytest.raises(TypeError):
        long_call("please")


def test_losses_are_reported(windows):
    losses = []
    bodega.train_lstm(
        windows, hidden=8, epochs=3, progress=lambda task, done, total, loss: losses.append(loss)
    )
    assert len(losses) == 3 and all(loss > 0 for loss in losses)


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
