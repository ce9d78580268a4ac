# SPDX-License-Identifier: MIT
"""A small shop that the tests share. They run against the installed wheel, never the source."""

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

SOURCE = Path(__file__).resolve().parents[1]
sys.path = [entry for entry in sys.path if Path(entry).resolve() != SOURCE]

import bodega  # noqa: E402

FIRST_DAY = date(2024, 1, 1)  # a Monday
ITEMS = 30


def pytest_configure(config):
    if SOURCE in Path(bodega.__file__).resolve().parents:
        pytest.exit(f"bodega was imported from the source tree {SOURCE}: install it first", 1)


@pytest.fixture(scope="session")
def catalog():
    catalog = bodega.Catalog()
    colours, things = ("red", "blue", "green"), ("lantern", "mug", "ribbon", "clock", "basket")
    for i in range(ITEMS):
        catalog.add(
            f"A{i:03d}",
            f"{colours[i % 3]} {things[i % 5]}",
            price=1.25 + i,
            attributes={"department": things[i % 5]},
        )
    return catalog


@pytest.fixture(scope="session")
def baskets():
    """Shoppers mostly stay within one fifth of the catalogue; item 29 is never sold."""
    random = np.random.default_rng(7)
    baskets = bodega.Baskets(ITEMS)
    for i in range(600):
        department = random.integers(5)
        items = 5 * random.integers(0, 6, size=random.integers(1, 6)) + department
        items = items[items != 29]
        if random.random() < 0.3:
            items = np.append(items, random.integers(0, 29))
        when = datetime(2024, 1, 1, 9) + timedelta(days=i // 6, minutes=i)
        baskets.add(when, items, customer=int(random.integers(40)))
    return baskets


@pytest.fixture(scope="session")
def counts(baskets):
    return bodega.Cooccurrence(baskets)


@pytest.fixture(scope="session")
def sales():
    """Ten weeks with a strong weekday pattern; the shop is closed on Sundays."""
    random = np.random.default_rng(11)
    days = 70
    weekday = np.arange(days) % 7
    mean = np.linspace(2, 20, ITEMS)[:, None] * np.array([1, 1, 1, 1, 2, 3, 0])[weekday]
    return bodega.DailySales(random.poisson(mean), FIRST_DAY, traded=weekday != 6)


@pytest.fixture(scope="session")
def windows(sales):
    return bodega.SalesWindows(sales)


@pytest.fixture(scope="session")
def lstm(windows):
    return bodega.train_lstm(windows, hidden=8, epochs=2, seed=3)
