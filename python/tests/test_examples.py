# SPDX-License-Identifier: MIT
"""What the README shows and the quickstart run as they are written."""

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parents[1]
DATA = HERE.parent / "examples" / "data"


def run(arguments, folder):
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_readme(tmp_path):
    random = np.random.default_rng(3)
    lines = ["receipt,item,quantity,time,price,customer,description"]
    for i in range(400):
        day = date(2024, 1, 1) + timedelta(days=i // 10)
        for item in {"bread", "milk", *random.choice(["cheese", "wine", "grapes"], 2)}:
            lines.append(f"{i},{item},1,{day} 10:00,2.50,{i % 30},A piece of {item}")
    (tmp_path / "receipts.csv").write_text("\n".join(lines))
    blocks = re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.S)
    (tmp_path / "readme.py").write_text("\n".join(blocks))
    printed = run(["readme.py"], tmp_path)
    assert "bought with A piece of" in printed and "answered_by='demand'" in printed
    assert (tmp_path / "store-17.bodega").exists()
    assert "5" in [line.split()[0] for line in printed.splitlines()[-3:]]  # what came next last


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA}: an sdist does not carry the data")
def test_quickstart(tmp_path):
    printed = run([HERE / "examples" / "quickstart.py", DATA, tmp_path / "store.bodega"], tmp_path)
    popularity, ease = (
        float(re.search(rf"^{name} +hit rate@10 ([\d.]+)", printed, re.M)[1])
        for name in ("popularity", "EASE")
    )
    assert ease > popularity
    assert "is sold out" in printed
