# SPDX-License-Identifier: MIT
"""What shops really have, by kinds (docs/data.md)."""
import os
from datetime import date

import numpy as np
import pytest
import scipy.sparse

import bodega


def small_bundle():
    bundle = bodega.Bundle()
    bundle.add("baseline", bodega.WeekdayMean([1.0] * 7))
    return bundle


def test_ratios_of_whole_numbers():
    baskets = bodega.Baskets(3)
    for b in range(100):
        baskets.add(date(2024, 1, 1), [0, 1] if b < 7 else [0] if b < 25 else [2])
    fitted = bodega.fit_association_rules(baskets, support=0.07, confidence=0.28)
    (rule,) = [r for r in fitted.model.rules() if list(r.antecedent) == [0]]
    assert rule.confidence == 0.28 and rule.support == 0.07 and rule.lift == 4


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_saving(tmp_path):
    real, link = tmp_path / "v17.bodega", tmp_path / "current.bodega"
    small_bundle().save(str(real))
    real.chmod(0o600)
    link.symlink_to("v17.bodega")
    (tmp_path / "v17.bodega.new-1-0").write_bytes(b"of a killed writer")
    small_bundle().save(str(link))
    assert link.is_symlink() and real.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path)) == ["current.bodega", "v17.bodega"]


@pytest.mark.parametrize("solver", ["blocks", "conjugate_gradients"])
def test_linear_algebra_is_guarded(solver):
    rows = scipy.sparse.csr_matrix(np.full((20, 5), 600, dtype=np.float32))
    model = bodega.fit_als(rows, solver=solver, threads=1)
    np.testing.assert_allclose(model.scores([3]), 0.99, atol=0.01)


def test_hostile_files(tmp_path):
    path = tmp_path / "huge.bodega"
    small_bundle().save(str(path))
    with open(path, "r+b") as file:
        file.truncate(3 << 30)  # a hole: nothing on the disk
    with pytest.raises(bodega.Error) as caught:
        bodega.Bundle.open(str(path))
    assert caught.value.code == "out_of_range"


def test_start_of_a_memory():
    units = np.zeros((1, 11))
    units[0, [0, 10]] = 5
    demand = bodega.IntermittentDemand(bodega.DailySales(units, date(2024, 1, 1)))
    assert demand.forecast()[0] == pytest.approx(0.5, rel=0.01)


def test_weighed_goods():
    kilograms = np.tile([0.2, 0, 1.9, 0, 0.3, 0.9, 0, 2.1, 0.2, 0, 0.25, 0, 0.3, 1.5, 0, 0.2, 0,
                         0.35, 2.4, 0], 10)
    sales = bodega.DailySales([kilograms], date(2024, 1, 1))
    levels = [0.5, 0.8, 0.9, 0.95, 0.99]
    found = bodega.IntermittentDemand(sales).quantiles(levels)
    np.testing.assert_allclose(found[0], [0.2, 0.9, 1.9, 2.1, 2.4], rtol=1e-6)
    grams = bodega.DailySales([np.round(kilograms * 1000)], date(2024, 1, 1))
    in_grams = bodega.IntermittentDemand(grams).quantiles(levels)
    np.testing.assert_allclose(in_grams, 1000 * found, rtol=1e-5)


def test_amounts_are_exact():
    catalog = bodega.Catalog()
    catalog.add("ham")
    bundle = bodega.Bundle()
    bundle.add("catalog", catalog)
    stock = bodega.Till(bundle).stock
    stock.set_smallest("ham", 0.005)
    stock.set("ham", 0.004)
    assert not stock.available("ham")
    stock.set("ham", 0.005)
    assert stock.available("ham")
