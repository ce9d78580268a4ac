# SPDX-License-Identifier: MIT
"""One shop from receipts to answers: python quickstart.py [DATA FOLDER] [OUTPUT FILE]"""

import sys
from pathlib import Path

import bodega

folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "examples/data")
file = sys.argv[2] if len(sys.argv) > 2 else "store.bodega"

# Overnight, in the back office: receipts in, one small file out.
catalog = bodega.read_catalog(folder / "online_retail_items.csv", normalise="upper_case_trimmed")
receipts = bodega.read_receipts(
    folder / "online_retail_slice.csv", catalog, receipt="invoice", description="", malformed="lenient",
    free_lines="drop", cancellation_prefix="C", normalise="upper_case_trimmed",
    is_item=lambda code: code[:5].isdigit(), progress=True,  # goods have five digits, fees do not
)
print(receipts.report)
baskets, sales = receipts.baskets(), receipts.daily_sales()
cut = bodega.time_cut(baskets, 0, 0.1)
past, _, last_weeks = bodega.split_by_time(baskets, cut)

ease = bodega.fit_ease(bodega.Cooccurrence(past), l2=100, neighbours=50, progress=True)
cases = bodega.LeaveOneOut(last_weeks, bodega.items_in_baskets(past))
for name, scorer in {"popularity": bodega.Popularity(past), "EASE": ease}.items():
    report = bodega.evaluate_ranking(scorer, cases, k=10, progress=True)
    print(f"{name:20} hit rate@10 {report.hit_rate}   MRR@10 {report.reciprocal_rank}")

judged_from = bodega.SalesWindows(sales).last_part(0.25)  # demand needs more days than baskets do
windows = bodega.SalesWindows(sales, bodega.items_with_sale_days(sales, 60, judged_from))
known, unseen = windows.before(judged_from), windows.since(judged_from)
lstm = bodega.train_lstm(known, hidden=16, seed=1, level_power=1, progress=True)
mask = bodega.prune_mask(lstm, sparsity=0.5)
small = bodega.quantize(bodega.fine_tune(lstm, known, mask=mask, level_power=1, progress=True))
baseline = bodega.fit_weekday_mean(known)
for name, model in {"mean x weekday": baseline, "LSTM": lstm, "LSTM pruned, INT8": small}.items():
    errors, size = bodega.evaluate_forecaster(model, unseen), bodega.size_report(model).bytes
    print(f"{name:20} WMAPE {errors.wmape:6.1%}   bias {errors.bias:+6.1%}   {size} bytes")

bundle = bodega.Bundle()
for name, model in {
    "catalog": catalog, "items": bodega.quantize(ease), "content": bodega.ContentModel(catalog),
    "popularity": bodega.Popularity(past), "demand": small, "demand_baseline": baseline,
    "history": sales.trading_days().tail(bodega.WINDOW_DAYS),
}.items():
    bundle.add(name, model)
bundle.save(file)

# At the till: recommend what is on the shelf, say why, and forecast tomorrow.
till = bodega.Till.open(file)
lane = till.lane()
basket = [catalog.ids[item] for item in last_weeks[0][:2]]
print("\nin the basket:", [catalog.description(catalog.at(code)) for code in basket])
for _ in range(2):
    slate = lane.recommend(basket, k=3)
    for pick in slate:
        reasons = "; ".join(reason.text for reason in pick.because)
        print(f"  {pick.description:36} {pick.score:6.3f}  {reasons}")
    till.stock.set(slate[0].code, 0)
    print(f"  ... {slate[0].description} is sold out")
for item in sales.units[:, -14:].sum(axis=1).argsort()[:-6:-1].tolist():
    forecast = till.forecast(catalog.ids[item])
    print(f"{catalog.description(item):36} {till.forecast_day()}: {forecast.units:.1f} units")
