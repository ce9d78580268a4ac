#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden numbers for the LSTM, from an implementation that shares nothing with the library's.

    make_golden.py            writes lstm_8.csv, lstm_8_window.csv, lstm_16.csv, lstm_32.csv here
    make_golden.py --torch    also checks the forecasts against PyTorch's nn.LSTM (2.13)

Plain numpy in float64, one gate matrix per gate, exp and tanh of the C library. The gradient is
found without any back-propagation: by complex steps, d loss / d w = Im(loss(w + ih)) / h, which
is exact to rounding (Squire and Trapp, SIAM Review 1998).

A file has one named list of numbers a line: the model (rows one after the other), `days` (days
since 1970) and the sales of three items on them, and what is expected: forecasts by target day,
then item; the mean loss over all windows, its gradient in the order input, recurrent, bias,
output, output_bias; and those numbers after two steps of Adam.
"""
import pathlib
import sys

import numpy as np

WINDOW = 14
PRIOR = 0.5
DELTA, POWER, RATE, CLIP = 0.7, 0.5, 0.02, 0.05
HERE = pathlib.Path(__file__).parent


def make_model(hidden, calendar, rng):
    rows = 9 if calendar else 1

    def numbers(*shape):
        return np.round(rng.normal(0, 0.45, shape), 3)

    return {"input": numbers(rows, 4 * hidden), "recurrent": numbers(hidden, 4 * hidden),
            "bias": numbers(4 * hidden), "output": numbers(hidden), "output_bias": np.array([1.25])}


def make_sales(rng):
    """Days without trade are missing; the second item first sells late, and then rarely."""
    days = np.array([15000 + d for d in range(26) if (15000 + d) % 7 != 2 and d != 11])
    week = 1 + 0.5 * np.sin(2 * np.pi * days / 7)
    rare = np.where(rng.random(len(days)) < 0.25, rng.integers(1, 9, len(days)), 0)
    rare[:16], rare[16] = 0, 3
    return days, np.array([rng.poisson(20 * week), rare, np.round(300 * week * rng.random(len(days)), 2)])


def make_windows(days, sales):
    """(sales, days, target day, actual) by target day, then item; all are in the shop all the time."""
    for t in range(WINDOW, len(days)):
        for item in sales:
            yield item[t - WINDOW:t], days[t - WINDOW:t], days[t], item[t]


def weekday(day):
    return (day + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday


def level_of(window):
    """What is sold in parts of a unit has a prior of grams."""
    return (window.sum() + (PRIOR if np.all(window == np.round(window)) else PRIOR / 1000)) / WINDOW


def share(model, window, days, target, calendar):
    """The network's answer, and the level that it is a share of."""
    level = level_of(window)
    hidden = len(model["output"])
    gate = {g: slice(k * hidden, (k + 1) * hidden) for k, g in enumerate("ifgo")}
    h = c = np.zeros(hidden, dtype=model["bias"].dtype)
    for step in range(WINDOW):
        x = np.zeros(9 if calendar else 1)
        x[0] = window[step] / level
        if calendar:
            x[1 + weekday(days[step + 1] if step + 1 < WINDOW else target)] = 1
            x[8] = weekday(days[step]) == weekday(target)
        pre = {g: x @ model["input"][:, s] + h @ model["recurrent"][:, s] + model["bias"][s] for g, s in gate.items()}
        i, f, o = (1 / (1 + np.exp(-pre[g])) for g in "ifo")
        c = f * c + i * np.tanh(pre["g"])
        h = o * np.tanh(c)
    return h @ model["output"] + model["output_bias"][0], level


def mean_loss(model, windows, calendar):
    """Huber loss of share - actual / level, weighed by (level / mean level) ** POWER."""
    unit = np.mean([level_of(w) for w, *_ in windows])
    total = 0
    for w, days, target, actual in windows:
        answer, level = share(model, w, days, target, calendar)
        error = answer - actual / level
        if abs(error.real) <= DELTA:
            cost = error * error / 2
        else:
            cost = DELTA * ((error if error.real > 0 else -error) - DELTA / 2)
        total = total + (level / unit) ** POWER * cost
    return total / len(windows)


def flat(model):
    return np.concatenate([v.ravel() for v in model.values()])


def unflat(numbers, like):
    result, at = {}, 0
    for name, v in like.items():
        result[name] = numbers[at:at + v.size].reshape(v.shape)
        at += v.size
    return result


def gradient(model, windows, calendar):
    numbers, result = flat(model).astype(complex), []
    for k in range(len(numbers)):
        moved = numbers.copy()
        moved[k] += 1e-30j
        result.append(mean_loss(unflat(moved, model), windows, calendar).imag / 1e-30)
    return np.array(result)


def adam(model, windows, calendar, steps):
    numbers = flat(model)
    m, v = np.zeros_like(numbers), np.zeros_like(numbers)
    for t in range(1, steps + 1):
        g = gradient(unflat(numbers, model), windows, calendar)
        g *= min(1, CLIP / np.linalg.norm(g))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        numbers = numbers - RATE * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return numbers


def check_with_torch(model, windows, calendar, expected):
    import torch
    hidden, inputs = len(model["output"]), len(model["input"])
    lstm = torch.nn.LSTM(inputs, hidden, batch_first=True).double()
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.tensor(model["input"].T))
        lstm.weight_hh_l0.copy_(torch.tensor(model["recurrent"].T))
        lstm.bias_ih_l0.copy_(torch.tensor(model["bias"]))
        lstm.bias_hh_l0.zero_()
        for (w, days, target, _), want in zip(windows, expected):
            level = level_of(w)
            x = torch.zeros(1, WINDOW, inputs, dtype=torch.double)
            x[0, :, 0] = torch.tensor(w / level)
            if calendar:
                x[0, range(WINDOW), 1 + weekday(np.append(days[1:], target))] = 1
                x[0, :, 8] = torch.tensor(weekday(days) == weekday(target)).double()
            answer = lstm(x)[0][0, -1] @ torch.tensor(model["output"]) + model["output_bias"][0]
            assert abs(max(0, level * answer.item()) - want) < 1e-9 * max(1, want), (answer, want)


def write(path, lists):
    with open(path, "w", newline="\n") as out:
        for name, numbers in lists.items():
            out.write(",".join([name] + [f"{x:.9g}" for x in np.ravel(numbers)]) + "\n")


def main():
    for name, hidden, calendar, seed in [("lstm_8", 8, True, 1), ("lstm_8_window", 8, False, 2),
                                         ("lstm_16", 16, True, 3), ("lstm_32", 32, True, 4)]:
        rng = np.random.default_rng(seed)
        model = make_model(hidden, calendar, rng)
        days, sales = make_sales(rng)
        windows = list(make_windows(days, sales))
        answers = [share(model, w, d, target, calendar) for w, d, target, _ in windows]
        forecasts = [max(0, a * level) for a, level in answers]
        lists = {"hidden": hidden, "calendar": int(calendar), "prior": PRIOR, **model, "days": days,
                 **{f"sales{i}": row for i, row in enumerate(sales)}, "forecasts": forecasts}
        if hidden == 8:
            lists |= {"huber_delta": DELTA, "level_power": POWER, "learning_rate": RATE, "clip_norm": CLIP,
                      "loss": mean_loss(model, windows, calendar), "gradient": gradient(model, windows, calendar),
                      "adam": adam(model, windows, calendar, 2)}
        write(HERE / f"{name}.csv", lists)
        print(name, len(windows), "windows, forecasts", np.round(forecasts[:6], 2), "zero:", sum(f == 0 for f in forecasts))
        if "--torch" in sys.argv:
            check_with_torch(model, windows, calendar, forecasts)
            print("  agrees with PyTorch")


if __name__ == "__main__":
    main()
