# SPDX-License-Identifier: MIT
# Types of the compiled module. tests/test_stubs.py compares them with it, name by name.
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from os import PathLike
from typing import Any, ClassVar, Literal, Protocol, TypedDict, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse  # type: ignore[import-untyped,unused-ignore]

__version__: str
WINDOW_DAYS: int

_Floats = NDArray[np.float32]
_Days = NDArray[np.datetime64]
_Number = float | Decimal
_Progress = bool | Callable[[str, int, int, float], object] | None
_QueryItems = Literal["excluded", "allowed"]
_Channel = Literal["unknown", "kiosk", "assisted"]
_Rush = Literal["unknown", "quiet", "busy"]
_Sparse = sparse.spmatrix | sparse.sparray
_Inputs = Literal["calendar", "window"]
_Rule = Literal[
    "trimmed",
    "upper_case_trimmed",
    "folded",
    "whole_number",
    "gtin",
    "without_zeros",
    "joined",
    "without_symbology",
]
_Normalise = _Rule | Sequence[_Rule] | Callable[[str], str] | None
_M = TypeVar("_M", bound="Model")
_D = TypeVar("_D", "Baskets", "DailySales")

class _Readable(Protocol):
    def read(self) -> bytes | str: ...

_Path = str | PathLike[str]
_Source = _Path | _Readable

# ---------------------------------------------------------------- any model

class Model:
    @property
    def kind(self) -> str: ...
    @property
    def format(self) -> Literal["float32", "int8"] | None: ...
    def state_dict(self) -> dict[str, NDArray[Any]]: ...
    def size_report(self) -> SizeReport: ...
    @property
    def made_with(self) -> dict[str, object]: ...

class _SizeRow(TypedDict):
    tensor: str
    dtype: str
    encoding: str
    shape: tuple[int, ...]
    bytes: int

class SizeReport:
    @property
    def rows(self) -> list[_SizeRow]: ...
    @property
    def parameters(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    def _repr_markdown_(self) -> str: ...

class PruneMask:
    @property
    def kept(self) -> dict[str, NDArray[np.bool_]]: ...
    def __eq__(self, other: object) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

def prune(
    model: _M,
    *,
    sparsity: float = 0.5,
    threshold: Literal["per_tensor", "per_gate", "per_model"] = 'per_tensor',
) -> _M:
    """The model without this share of its weights, the smallest of each tensor. Biases stay.

    sparsity: Share of the weights to remove, 0 to 1.
    threshold: What the smallest weights are the smallest of.
    """
def prune_mask(
    model: Model,
    *,
    sparsity: float = 0.5,
    threshold: Literal["per_tensor", "per_gate", "per_model"] = 'per_tensor',
) -> PruneMask:
    """Which weights prune() would keep, for fine_tune(mask=...).

    sparsity: Share of the weights to remove, 0 to 1.
    threshold: What the smallest weights are the smallest of.
    """
def quantize(
    model: _M,
    *,
    scheme: Literal["symmetric", "affine"] = 'symmetric',
    granularity: Literal["per_row", "per_tensor", "per_gate"] = 'per_row',
    bits: int = 8,
) -> _M:
    """The model with its weights in INT8 and all else as it was.

    scheme: Whether a zero-point is stored.
    granularity: What shares a scale.
    bits: Of a weight, 2 to 8. Constants keep 8.
    """
def dequantize(model: _M) -> _M: ...
def size_report(model: Model) -> SizeReport: ...
def state_dict(model: Model) -> dict[str, NDArray[Any]]: ...

# ---------------------------------------------------------------- data

class Catalog(Model):
    def __init__(self) -> None: ...
    def add(
        self,
        id: str,
        description: str = ...,
        price: _Number = ...,
        attributes: Mapping[str, str] | Iterable[tuple[str, str]] | None = ...,
    ) -> int: ...
    def __len__(self) -> int: ...
    def __contains__(self, id: str) -> bool: ...
    def find(self, id: str) -> int | None: ...
    def at(self, id: str) -> int: ...
    def id(self, item: int) -> str: ...
    def description(self, item: int) -> str: ...
    def price(self, item: int) -> float: ...
    def attributes(self, item: int) -> list[tuple[str, str]]: ...
    @property
    def ids(self) -> list[str]: ...
    @property
    def unprintable(self) -> list[int]: ...

def read_catalog(
    source: _Source,
    *,
    id: str = 'id',
    description: str = 'description',
    price: str = 'price',
    attributes: Sequence[str] = (),
    separator: str = ',',
    value_separator: str = '|',
    normalise: _Normalise = None,
    malformed: Literal["strict", "lenient"] = 'strict',
    decimal_mark: Literal["infer", "point", "comma"] = 'infer',
    max_offenders: int = 10,
) -> Catalog:
    """Reads a catalogue from CSV: a path, or an open file; gzip is unpacked. Columns are named;
    without `attributes` every other column is one. normalise: rules, such as
    'upper_case_trimmed', or a callable on the id.

    id: Column of the item's code.
    description: Column of the description.
    price: Column of the price of a unit.
    attributes: Columns of the attributes; empty = every other column.
    separator: Between the columns.
    value_separator: Between several values in one attribute field; 0 = none.
    normalise: Changes item codes: rules, such as upper_case_trimmed, or a function.
    malformed: What becomes of a bad line.
    decimal_mark: Of prices; inferred from the whole column.
    max_offenders: Malformed lines that the report shows.
    """

class Baskets:
    def __init__(self, items: int) -> None: ...
    def add(
        self,
        when: date,
        items: ArrayLike,
        customer: int | None = ...,
        store: int | None = ...,
        till: int | None = ...,
    ) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, i: int) -> NDArray[np.uint32]: ...
    @property
    def items(self) -> int: ...
    @property
    def customers(self) -> int: ...
    def when(self, i: int) -> datetime: ...
    def customer(self, i: int) -> int | None: ...
    def store(self, i: int) -> int | None: ...
    def till(self, i: int) -> int | None: ...
    def user_items(self) -> sparse.csr_matrix: ...
    def basket_items(self) -> sparse.csr_matrix: ...

class DailySales(Model):
    def __init__(
        self,
        units: ArrayLike,
        first_day: date,
        traded: ArrayLike | None = ...,
        known: ArrayLike | None = ...,
    ) -> None: ...
    @property
    def items(self) -> int: ...
    @property
    def units(self) -> _Floats: ...
    @property
    def days(self) -> _Days: ...
    @property
    def traded(self) -> NDArray[np.bool_]: ...
    @property
    def known(self) -> NDArray[np.bool_]: ...
    def list(self, item: int, day: date) -> None: ...
    def mark_away(self, item: int, days: Iterable[date]) -> None: ...
    def trading_days(self) -> DailySales: ...
    def slice(self, begin: int, end: int) -> DailySales: ...
    def tail(self, count: int) -> DailySales: ...

def absences(sales: DailySales) -> dict[str, Any]: ...
def mark_absences(
    sales: DailySales, least_days: int = ..., chance: float = ...
) -> dict[str, Any]: ...

class ReadReport:
    @property
    def lines(self) -> int: ...
    @property
    def kept(self) -> int: ...
    @property
    def returns(self) -> int: ...
    @property
    def not_items(self) -> int: ...
    @property
    def zero_quantity(self) -> int: ...
    @property
    def free_dropped(self) -> int: ...
    @property
    def lonely(self) -> int: ...
    @property
    def rounded(self) -> int: ...
    @property
    def zoned(self) -> int: ...
    @property
    def recoded(self) -> int: ...
    @property
    def carried(self) -> int: ...
    @property
    def weighed(self) -> int: ...
    @property
    def numbers_shared(self) -> int: ...
    @property
    def spread(self) -> int: ...
    @property
    def unprintable(self) -> int: ...
    @property
    def lonely_days(self) -> list[date]: ...
    @property
    def learnt(self) -> list[str]: ...
    @property
    def malformed(self) -> int: ...
    @property
    def returns_unmatched(self) -> int: ...
    @property
    def sales_undone(self) -> int: ...
    @property
    def without_customer(self) -> int: ...
    @property
    def free_kept(self) -> int: ...
    @property
    def receipts(self) -> int: ...
    @property
    def items(self) -> int: ...
    @property
    def customers(self) -> int: ...
    @property
    def trading_days(self) -> int: ...
    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date: ...
    @property
    def absent_columns(self) -> list[str]: ...
    @property
    def first_offenders(self) -> list[tuple[int, str]]: ...

class Receipts:
    def __len__(self) -> int: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def customers(self) -> list[str]: ...
    @property
    def stores(self) -> list[str]: ...
    @property
    def tills(self) -> list[str]: ...
    @property
    def report(self) -> ReadReport: ...
    def baskets(self) -> Baskets: ...
    def daily_sales(self, least_days: int = ..., chance: float = ...) -> DailySales: ...
    def user_items(self) -> sparse.csr_matrix: ...
    def lines(self) -> dict[str, NDArray[Any]]: ...
    def id(self, i: int) -> str: ...

def read_receipts(
    source: _Source,
    catalog: Catalog | None = ...,
    *,
    receipt: str = 'receipt',
    item: str = 'item',
    quantity: str = 'quantity',
    time: str = 'time',
    price: str = 'price',
    customer: str = 'customer',
    description: str = 'description',
    store: str = '',
    till: str = '',
    key: Sequence[str] = (),
    separator: str = ',',
    quoting: Literal["quotes", "none"] = 'quotes',
    decimal_mark: Literal["infer", "point", "comma"] = 'infer',
    date_order: Literal["infer", "day_first", "month_first"] = 'infer',
    day_starts_at: int = 0,
    carry_down: bool = False,
    malformed: Literal["strict", "lenient"] = 'strict',
    min_readable: float = 0.5,
    returns: Literal["net", "drop"] = 'net',
    free_lines: Literal["keep", "drop"] = 'keep',
    lonely_days: Literal["drop", "keep"] = 'drop',
    cancellation_prefix: str = '',
    normalise: _Normalise = None,
    normalise_receipt: _Normalise = None,
    normalise_customer: _Normalise = None,
    normalise_store: _Normalise = None,
    variable_weight: Sequence[str | tuple[str, int]] = (),
    no_customer: Sequence[str] = ('null', 'nan', 'none', 'n/a', 'na', 'nil', '-', '<na>', '#n/a', '\\n'),
    is_item: Callable[[str], bool] | None = None,
    parse_time: Callable[[str], datetime | None] | None = None,
    max_offenders: int = 10,
    progress: _Progress = None,
) -> Receipts:
    """Reads receipts from CSV: a path, or an open file; gzip is unpacked. An absent or empty
    name of an optional column means that it is not there. malformed: 'strict' raises on the
    first bad line, 'lenient' counts them. returns: 'net' takes them from earlier purchases,
    'drop' leaves them out. free_lines: 'keep' or 'drop' lines of price 0. normalise and its
    siblings: rules, one after the other, such as 'gtin' or ['joined', 'gtin'] (`CodeRules`
    has them), or a callable on codes. is_item: a callable that says which ids are articles.
    parse_time: a callable from text to datetime, or None where it is none.

    receipt: Column of the receipt's number.
    item: Column of the item's code.
    quantity: Column of the units.
    time: Column of the time.
    price: Column of the price of a unit; empty = not there.
    customer: Column of the customer; empty = not there.
    description: Column of the item's description; empty = not there.
    store: Column of the store; empty = not there.
    till: Column of the till; empty = not there.
    key: Further columns, all needed, that tell receipts of one number apart.
    separator: Between the columns.
    quoting: Whether fields may be in quotes.
    decimal_mark: Of quantities and prices; inferred from the whole column.
    date_order: Of dates in digits; inferred from the whole column.
    day_starts_at: When the business day begins, in seconds after midnight.
    carry_down: Empty fields of the receipt are those of the line before.
    malformed: What becomes of a bad line.
    min_readable: A lenient read throws if fewer of the lines can be read.
    returns: What becomes of a return.
    free_lines: What becomes of lines of price 0.
    lonely_days: What becomes of the few days far from all others.
    cancellation_prefix: Receipts of such ids are returns; empty = told by sign alone.
    normalise: Changes item codes: rules, such as upper_case_trimmed, or a function.
    normalise_receipt: Changes the numbers of receipts.
    normalise_customer: Changes the codes of customers.
    normalise_store: Changes the codes of stores.
    variable_weight: Schemes of codes with a weight or a price in them; the first that fits.
    no_customer: Customers who are nobody, but for case; an empty field is nobody as well.
    is_item: Which codes are articles; empty = all.
    parse_time: Reads a time; empty = as ISO 8601 writes it.
    max_offenders: Malformed lines that the report shows.
    progress: Hears how far the work is, and may end it.
    """

class CodeRules(Model):
    def __init__(
        self,
        *,
        item: Sequence[Literal["trimmed", "upper_case_trimmed", "folded", "whole_number", "gtin", "without_zeros", "joined", "without_symbology"]] = (),
        receipt: Sequence[Literal["trimmed", "upper_case_trimmed", "folded", "whole_number", "gtin", "without_zeros", "joined", "without_symbology"]] = (),
        customer: Sequence[Literal["trimmed", "upper_case_trimmed", "folded", "whole_number", "gtin", "without_zeros", "joined", "without_symbology"]] = (),
        store: Sequence[Literal["trimmed", "upper_case_trimmed", "folded", "whole_number", "gtin", "without_zeros", "joined", "without_symbology"]] = (),
        variable_weight: Sequence[str | tuple[str, int]] = (),
        no_customer: Sequence[str] = ('null', 'nan', 'none', 'n/a', 'na', 'nil', '-', '<na>', '#n/a', '\\n'),
    ) -> None:
        """Of named rules for each kind of code. `code_rules` makes them of a reader's options.

        item: Rules for the codes of items, one after the other.
        receipt: Rules for the numbers of receipts.
        customer: Rules for the codes of customers.
        store: Rules for the codes of stores.
        variable_weight: Schemes of codes with a weight or a price in them; the first that
            fits.
        no_customer: Customers who are nobody, but for case; an empty field is nobody as well.
        """
    def item(self, scanned: str) -> tuple[str, float | None, float | None]: ...
    def receipt(self, sent: str) -> str: ...
    def customer(self, sent: str) -> str | None: ...
    def store(self, sent: str) -> str: ...
    @property
    def options(self) -> dict[str, Any]: ...

def code_rules(**kwargs: Any) -> CodeRules: ...

class TimeCut:
    def __init__(self, valid_from: date, test_from: date) -> None: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def test_from(self) -> date: ...

def time_cut(baskets: Baskets, valid_fraction: float, test_fraction: float) -> TimeCut: ...
def split_by_time(data: _D, cut: TimeCut) -> tuple[_D, _D, _D]: ...

# ---------------------------------------------------------------- recommenders

class Reason:
    @property
    def kind(self) -> Literal[
        "bought_together", "alike", "popular", "bought_before", "due", "bought_by_alike", "matches"
    ]: ...
    @property
    def item(self) -> int | None: ...
    @property
    def term(self) -> int | None: ...
    @property
    def contribution(self) -> float: ...

class Pick:
    @property
    def item(self) -> int: ...
    @property
    def score(self) -> float: ...
    @property
    def because(self) -> list[Reason]: ...

class Scorer:
    @property
    def items(self) -> int: ...
    @property
    def uses(self) -> list[str]: ...
    def scores(
        self,
        basket: ArrayLike = ...,
        viewed: int | None = ...,
        customer: int | None = ...,
        store: int | None = ...,
        when: date | None = ...,
        quantities: Iterable[Any] | None = ...,
        session: Iterable[Any] = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> _Floats: ...
    def recommend(
        self,
        basket: ArrayLike = ...,
        k: int = ...,
        viewed: int | None = ...,
        customer: int | None = ...,
        allowed: ArrayLike | None = ...,
        query_items: _QueryItems = ...,
        store: int | None = ...,
        when: date | None = ...,
        quantities: Iterable[Any] | None = ...,
        session: Iterable[Any] = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> list[Pick]: ...
    def explain(
        self,
        basket: ArrayLike,
        item: int,
        viewed: int | None = ...,
        customer: int | None = ...,
        store: int | None = ...,
        when: date | None = ...,
        quantities: Iterable[Any] | None = ...,
        session: Iterable[Any] = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> list[Reason]: ...

def blend(*args: Scorer | float) -> Scorer: ...
@overload
def describe(reason: Reason, catalog: Catalog, term: str = ...) -> str: ...
@overload
def describe(rule: AssociationRule, catalog: Catalog) -> str: ...

class Cooccurrence(Model):
    @overload
    def __init__(
        self,
        baskets: Baskets,
        *,
        half_life_days: float = 0.0,
        max_basket: int = 1000,
        weights: ArrayLike = (),
        progress: _Progress = None,
    ) -> None:
        """Counts all baskets.

        half_life_days: A receipt this old counts half; 0 = all receipts count the same.
        max_basket: Of a larger basket only the first so many distinct items make pairs.
        weights: How often each basket counts, as of inverse_size_weights; empty = all once.
        progress: Hears how far the work is, and may end it.
        """
    @overload
    def __init__(
        self,
        items: int,
        *,
        half_life_days: float = 0.0,
        max_basket: int = 1000,
    ) -> None:
        """Empty sums for a catalogue of so many items.

        half_life_days: A receipt this old counts half; 0 = all receipts count the same.
        max_basket: Of a larger basket only the first so many distinct items make pairs.
        """
    @staticmethod
    def from_user_items(
        user_items: sparse.spmatrix | sparse.sparray,
        *,
        max_basket: int = ...,
        progress: _Progress = ...,
    ) -> Cooccurrence: ...
    def add(self, basket: ArrayLike, day: date, weight: float = ...) -> None: ...
    def merge(self, other: Cooccurrence) -> None: ...
    def decay_to(self, day: date) -> None: ...
    def count(self, item: int) -> float: ...
    def pair(self, a: int, b: int) -> float: ...
    def pairs(self) -> sparse.csr_matrix: ...
    @property
    def items(self) -> int: ...
    @property
    def baskets(self) -> float: ...
    @property
    def day(self) -> date: ...
    @property
    def half_life_days(self) -> float: ...
    def observe(
        self,
        when: date,
        lines: Iterable[Any],
        *,
        customer: int | None = ...,
        store: int | str | None = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> None: ...

class ItemItem(Model, Scorer):
    def __init__(self, weights: sparse.spmatrix | sparse.sparray) -> None: ...
    @property
    def weights(self) -> sparse.csr_matrix: ...

def fit_ease(
    counts: Cooccurrence,
    *,
    l2: float = 200.0,
    neighbours: int = 50,
    keep: Literal["strongest", "least_missed"] = 'strongest',
    refit_l2: float = 0.0,
    symmetry: float = 0.0,
    candidates: int = 0,
    single_precision: bool = False,
    max_bytes: int = 4294967296,
    threads: int = 0,
    progress: _Progress = None,
) -> ItemItem:
    """EASE: the item-item table that best rebuilds each basket from its other items, under a
    ridge penalty. Costs items^3. keep: 'strongest' keeps as many weights for each item,
    'least_missed' as many in all, more for items that are often bought.

    l2: Ridge penalty, in baskets; more for noisier data. Worth tuning: 10 to 1000.
    neighbours: Weights kept for each item, or on average; 0 = all.
    keep: Which weights stay.
    refit_l2: Above 0, the weights kept are fitted once more with this penalty.
    symmetry: 0 is EASE itself, 0.5 makes partial correlations of its weights; 0 to 0.5.
    candidates: Above 0, an item is foreseen from so many items only; 0 = from all.
    single_precision: Half the memory and time; enough unless l2 is small beside the counts.
    max_bytes: More memory than this is refused.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is, and may end it.
    """
def fit_item_neighbours(
    counts: Cooccurrence,
    *,
    similarity: Literal["cosine", "conditional", "shrunk_lift", "jaccard", "ppmi", "log_likelihood"] = 'cosine',
    neighbours: int = 50,
    shrinkage: float = 10.0,
    progress: _Progress = None,
) -> ItemItem:
    """Item neighbours straight from the sums.

    similarity: How alike two items are.
    neighbours: The strongest kept for each item; 0 = all.
    shrinkage: In baskets; only shrunk_lift uses it.
    progress: Hears how far the work is, and may end it.
    """

def fit_bm25_neighbours(
    baskets: Baskets,
    *,
    k1: float = 1.2,
    b: float = 0.75,
    neighbours: int = 50,
    progress: _Progress = None,
) -> ItemItem:
    """Item neighbours by BM25: small shared baskets count more.

    k1: How soon more baskets with an item stop to count; large = late.
    b: How far popular items are damped, 0 to 1.
    neighbours: The strongest kept for each item; 0 = all.
    progress: Hears how far the work is, and may end it.
    """
def fit_tfidf_neighbours(
    baskets: Baskets,
    *,
    neighbours: int = 50,
    progress: _Progress = None,
) -> ItemItem:
    """Item neighbours by the cosine of TF-IDF vectors: small shared baskets count more.

    neighbours: The strongest kept for each item; 0 = all.
    progress: Hears how far the work is, and may end it.
    """
def fit_rp3beta(
    baskets: Baskets,
    *,
    alpha: float = 0.8,
    beta: float = 0.4,
    neighbours: int = 50,
    progress: _Progress = None,
) -> ItemItem:
    """Item neighbours by a walk from item to basket to item.

    alpha: Damps steps out of popular items and large baskets.
    beta: Damps popular items as answers.
    neighbours: The strongest kept for each item; 0 = all.
    progress: Hears how far the work is, and may end it.
    """
def fit_complements(
    counts: Cooccurrence,
    *,
    significance: float = 10.83,
    shrinkage: float = 10.0,
    neighbours: int = 50,
    progress: _Progress = None,
) -> ItemItem:
    """What goes together: items bought together beyond chance, and surely so. A weight is the
    logarithm of how far beyond chance, with `shrinkage` baskets added to both.

    significance: Least log-likelihood ratio of a pair; chance passes 10.83 once in 1000.
    shrinkage: In baskets; damps what few baskets say.
    neighbours: The strongest kept for each item; 0 = all.
    progress: Hears how far the work is, and may end it.
    """
def shared_complements(complements: ItemItem, a: int, b: int) -> list[Reason]: ...
def inverse_size_weights(baskets: Baskets, power: float) -> _Floats: ...


class Popularity(Model, Scorer):
    @overload
    def __init__(
        self,
        baskets: Baskets,
        *,
        half_life_days: float = 30.0,
    ) -> None:
        """Each item of each basket is one sale.

        half_life_days: A sale this old counts half; 0 = all sales count the same.
        """
    @overload
    def __init__(
        self,
        receipts: Receipts,
        *,
        half_life_days: float = 30.0,
        count: Literal["receipts", "lines", "units"] = 'receipts',
    ) -> None:
        """The sales of all receipts.

        half_life_days: A sale this old counts half; 0 = all sales count the same.
        count: What a sale is.
        """
    @overload
    def __init__(
        self,
        items: int,
        *,
        half_life_days: float = 30.0,
        count: Literal["receipts", "lines", "units"] = 'receipts',
    ) -> None:
        """Nothing sold yet.

        half_life_days: A sale this old counts half; 0 = all sales count the same.
        count: What a sale is.
        """
    def add(self, item: int, day: date, weight: float = ...) -> None: ...
    def merge(self, other: Popularity) -> None: ...
    def share(self, item: int) -> float: ...
    def observe(
        self,
        when: date,
        lines: Iterable[Any],
        *,
        customer: int | None = ...,
        store: int | str | None = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> None: ...

class StoreSales(Model):
    @overload
    def __init__(self, receipts: Receipts, *, half_life_days: float = ...) -> None: ...
    @overload
    def __init__(self, baskets: Baskets, *, half_life_days: float = ...) -> None: ...
    @overload
    def __init__(self, items: int, *, half_life_days: float = ...) -> None: ...
    def add(
        self, store: int | str | None, when: date, items: ArrayLike, weight: float = ...
    ) -> None: ...
    def merge(self, other: StoreSales) -> None: ...
    @property
    def items(self) -> int: ...
    @property
    def stores(self) -> list[int | None]: ...
    def of_store(self, store: int | str | None) -> _Floats: ...
    def observe(
        self,
        when: date,
        lines: Iterable[Any],
        *,
        customer: int | None = ...,
        store: int | str | None = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> None: ...
    @property
    def names(self) -> list[str]: ...
    def store_named(self, name: str) -> int | None: ...

class ShopPrior(Model, Scorer):
    def share(
        self,
        item: int,
        store: int | str | None = ...,
        when: date | None = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> float: ...
    @property
    def stores(self) -> int: ...
    @property
    def clusters(self) -> int: ...
    @property
    def names(self) -> list[str]: ...
    def store_named(self, name: str) -> int | None: ...

def fit_shop_prior(
    sales: StoreSales,
    later: StoreSales | None = ...,
    *,
    clusters: Sequence[tuple[int, int]] = ...,
    chain_strength: float = ...,
    cluster_strength: float = ...,
    store_strength: float = ...,
    hour_strength: float = ...,
    weekday_strength: float = ...,
    channel_strength: float = ...,
    rush_strength: float = ...,
    expected: Sequence[float] | NDArray[Any] = ...,
) -> ShopPrior: ...

class AssociationRule:
    @property
    def antecedent(self) -> list[int]: ...
    @property
    def consequent(self) -> int: ...
    @property
    def support(self) -> float: ...
    @property
    def confidence(self) -> float: ...
    @property
    def lift(self) -> float: ...

class AssociationRules(Model, Scorer):
    def rules(self) -> list[AssociationRule]: ...

class FittedAssociationRules:
    @property
    def model(self) -> AssociationRules: ...
    @property
    def support(self) -> float: ...
    @property
    def longest(self) -> int: ...
    @property
    def itemsets(self) -> int: ...
    @property
    def rules(self) -> int: ...
    @property
    def left_out(self) -> int: ...
    @property
    def cut_baskets(self) -> int: ...

def fit_association_rules(
    baskets: Baskets,
    *,
    support: float = 0.001,
    longest: int = 3,
    max_basket: int = 100,
    max_itemsets: int = 200000,
    progress: _Progress = None,
    confidence: float = 0.1,
    lift: float = 1.0,
    max_rules: int = 100000,
) -> FittedAssociationRules:
    """All rules to one item, by FP-growth. Dense data cannot blow it up: of a basket max_basket
    items are seen, more than max_itemsets sets raise the support.

    support: Least share of the baskets that hold a set, 0 to 1; one basket at least.
    longest: Items in a set at most.
    max_basket: Of a larger basket only the first so many distinct items are seen.
    max_itemsets: More sets than this raise the support, or shorten the sets.
    progress: Hears how far the work is, and may end it.
    confidence: Least one of a rule, 0 to 1.
    lift: Rules must be above this.
    max_rules: Of more rules those of the highest confidence stay.
    """

class Substitutes(Model, Scorer):
    @property
    def weights(self) -> sparse.csr_matrix: ...

def fit_substitutes(
    counts: Cooccurrence,
    *,
    significance: float = 10.83,
    shrinkage: float = 10.0,
    complements: int = 50,
    most_together: float = 0.5,
    least_alike: float = 0.2,
    least_shared: int = 2,
    neighbours: int = 20,
    progress: _Progress = None,
) -> Substitutes:
    """Substitutes by their complements (as of fit_complements): items whose company has a cosine
    of least_alike or more, with least_shared in common, and at most most_together of the
    baskets with both that chance expects.

    significance: Least log-likelihood ratio of a complement.
    shrinkage: In baskets; damps what few baskets say.
    complements: Complements of each item that are compared.
    most_together: Baskets with both, as a part of what chance expects; 0 to 1.
    least_alike: Cosine of the items' company, 0 to 1.
    least_shared: Complements that both have.
    neighbours: The strongest kept for each item; 0 = all.
    progress: Hears how far the work is, and may end it.
    """

class FactorModel(Model, Scorer):
    def __init__(
        self,
        vectors: ArrayLike,
        *,
        confidence: float = ...,
        unobserved: float = 0.1,
        observed_too: bool = True,
        l2: float = 0.01,
        frequency_scaling: float = 1.0,
    ) -> None:
        """vectors: items x factors (at most 512), trained elsewhere; they are turned to their
        principal axes, which changes no product of two. The rest says how a customer is
        folded in.

        unobserved: What a score costs where nothing is known. Worth tuning: 0.01 to 1.
        observed_too: Whether that is taken over the observed pairs as well.
        l2: Penalty of the vectors. Worth tuning, together with `unobserved`: 0.001 to 0.1.
        frequency_scaling: How far a row's penalty grows with what is known of it; 0 = not.
        """
    @property
    def vectors(self) -> _Floats: ...
    @property
    def factors(self) -> int: ...
    def fold_in(self, basket: ArrayLike, viewed: int | None = ...) -> _Floats: ...
    def directions(self) -> _Floats: ...

def fit_als(
    user_items: _Sparse,
    *,
    factors: int = 64,
    iterations: int = 12,
    unobserved: float = 0.1,
    observed_too: bool = True,
    l2: float = 0.01,
    frequency_scaling: float = 1.0,
    solver: Literal["blocks", "conjugate_gradients"] = 'blocks',
    block: int = 0,
    steps: int = 3,
    deviation: float = 0.1,
    seed: int = 1,
    threads: int = 0,
    progress: _Progress = None,
) -> FactorModel:
    """iALS: vectors of customers (or baskets) and items by least squares in turns. user_items:
    scipy.sparse of confidences, such as user_items(baskets).

    factors: Numbers in a vector; up to 512.
    iterations: Sweeps, each over both sides.
    unobserved: What a score costs where nothing is known. Worth tuning: 0.01 to 1.
    observed_too: Whether that is taken over the observed pairs as well.
    l2: Penalty of the vectors. Worth tuning, together with `unobserved`: 0.001 to 0.1.
    frequency_scaling: How far a row's penalty grows with what is known of it; 0 = not.
    solver: How a sweep finds the vectors.
    block: Factors at a time; 0 = all. Less work for each sweep from some 128 factors on.
    steps: Of conjugate gradients.
    deviation: Of the first vectors, over the root of `factors`.
    seed: Of the first vectors.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is; `loss` is the objective by the number of
        observations.
    """
def fit_bpr(
    user_items: _Sparse,
    *,
    factors: int = 64,
    epochs: int = 100,
    learning_rate: float = 0.05,
    l2: float = 0.005,
    deviation: float = 0.1,
    fold_in_unobserved: float = 0.1,
    fold_in_observed_too: bool = True,
    fold_in_l2: float = 1.0,
    fold_in_frequency_scaling: float = 1.0,
    seed: int = 1,
    progress: _Progress = None,
) -> FactorModel:
    """BPR: vectors such that a customer scores an item that was observed above one that was not.
    user_items: scipy.sparse, where a value above 0 is an observation. The fold_in options say
    how a customer is found from a query afterwards.

    factors: Numbers in a vector; up to 512.
    epochs: Each as many steps as there are observations.
    learning_rate: Of each step.
    l2: Of the vectors of each step.
    deviation: Of the first vectors, over the root of `factors`.
    fold_in_unobserved: What a score costs where nothing is known. Worth tuning: 0.01 to 1.
    fold_in_observed_too: Whether that is taken over the observed pairs as well.
    fold_in_l2: Penalty of the vectors. Worth tuning, together with `unobserved`: 0.001 to
        0.1.
    fold_in_frequency_scaling: How far a row's penalty grows with what is known of it; 0 =
        not.
    seed: Of the first vectors and of the steps.
    progress: Hears how far the work is; `loss` is the mean over the epoch.
    """

class CustomerItems(Model, Scorer):
    def __init__(self, weights: _Sparse, *, of: Literal["own", "alike"] = ...) -> None: ...
    @property
    def customers(self) -> int: ...
    @property
    def weights(self) -> sparse.csr_matrix: ...

class RepeatPurchase(Model, Scorer):
    @property
    def customers(self) -> int: ...
    def observe(
        self,
        when: date,
        lines: Iterable[Any],
        *,
        customer: int | None = ...,
        store: int | str | None = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> None: ...

class PurchaseCycle(Model, Scorer):
    @property
    def customers(self) -> int: ...
    @property
    def today(self) -> date: ...
    def close_day(self, day: date) -> None: ...
    def hazard(self, gaps: float) -> float: ...
    def observe(
        self,
        when: date,
        lines: Iterable[Any],
        *,
        customer: int | None = ...,
        store: int | str | None = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> None: ...

class CustomerBaskets(Model, Scorer):
    @property
    def customers(self) -> int: ...
    def observe(
        self,
        when: date,
        lines: Iterable[Any],
        *,
        customer: int | None = ...,
        store: int | str | None = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> None: ...

class CustomerTable(Model):
    def __init__(
        self, customers: Sequence[str] = ..., *, key: tuple[int, int] | None = ...
    ) -> None: ...
    def find(self, card: str) -> int | None: ...
    def add(self, card: str) -> int | None: ...
    def __len__(self) -> int: ...
    @property
    def key(self) -> tuple[int, int]: ...

def purchase_shares(
    baskets: Baskets,
    *,
    age: Literal["baskets", "days"] = 'baskets',
    power: float = 0.0,
    scale: float = 10.0,
    per_step: float = 1.0,
    size: float = 0.0,
) -> sparse.csr_matrix:
    """Customers x items: the share of the customer's baskets, faded as in fit_repeat_purchase,
    that hold the item.

    age: What the age of a basket is counted in.
    power: A basket of age a counts (1 + a / scale)^-power.
    scale: An age, above 0.
    per_step: And per_step^a; above 0, at most 1.
    size: How far large baskets count less; 1 = every line counts the same.
    """
def tifu_vectors(
    baskets: Baskets,
    *,
    groups: int = 7,
    within_decay: float = 0.9,
    between_decay: float = 0.7,
) -> sparse.csr_matrix:
    """The customers x items vectors of TIFU-kNN. Blend CustomerItems(vectors) with
    fit_customer_neighbours(vectors, similarity='euclidean'). A customer's baskets must come
    oldest first.

    groups: A customer's baskets are cut into so many runs, oldest first.
    within_decay: For each basket of age within its group, above 0, at most 1.
    between_decay: For each group of age.
    """
def fit_customer_neighbours(
    history: _Sparse,
    *,
    similarity: Literal["cosine", "euclidean"] = 'cosine',
    neighbours: int = 100,
    items: int = 50,
    threads: int = 0,
    progress: _Progress = None,
) -> CustomerItems:
    """For each customer the mean of the rows of the most alike others, cut to its strongest
    items: UP-CF ('cosine', of purchase_shares) or TIFU-kNN ('euclidean', of tifu_vectors).
    history: scipy.sparse, customers x items.

    similarity: How alike two customers are.
    neighbours: Customers whose rows are averaged.
    items: The strongest kept for each customer; 0 = all.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is, and may end it.
    """
def fit_repeat_purchase(
    baskets: Baskets,
    *,
    age: Literal["baskets", "days"] = 'baskets',
    power: float = 0.0,
    scale: float = 10.0,
    per_step: float = 1.0,
    size: float = 0.0,
    prior: float = 1.0,
) -> RepeatPurchase:
    """A basket of age a and n items counts per_step^a (1 + a / scale)^-power (n / mean)^-size
    times; age in the customer's own 'baskets' or in 'days'.

    age: What the age of a basket is counted in.
    power: A basket of age a counts (1 + a / scale)^-power.
    scale: An age, above 0.
    per_step: And per_step^a; above 0, at most 1.
    size: How far large baskets count less; 1 = every line counts the same.
    prior: Strength of what all buy: 1 = as estimated, 0 = the plain personal frequency.
    """
def fit_purchase_cycle(
    baskets: Baskets,
    *,
    least_purchases: int = 3,
    keep_counts: bool = False,
) -> PurchaseCycle:
    """The gaps between a customer's purchases of an item, and how the next one comes with them.

    least_purchases: Days with the item before its gap is believed; 2 or more.
    keep_counts: Keep how often each item was bought, for receipts heard later to go on from.
    """
def fit_customer_baskets(
    baskets: Baskets,
    *,
    age: Literal["baskets", "days"] = 'baskets',
    power: float = 1.0,
    scale: float = 10.0,
    per_step: float = 1.0,
    size: float = 0.0,
    unlike: float = 0.03,
) -> CustomerBaskets:
    """The baskets of all customers, each in order of time.

    age: What the age of a basket is counted in.
    power: A basket of age a counts (1 + a / scale)^-power.
    scale: An age, above 0.
    per_step: And per_step^a; above 0, at most 1.
    size: How far large baskets count less; 1 = every line counts the same.
    unlike: What a basket counts that shares nothing with the open one.
    """

class SessionWindow(Model):
    def __init__(
        self,
        items: int,
        *,
        sessions: int = 100000,
        views: int = 0,
    ) -> None:
        """items: size of the catalogue.

        sessions: How many are kept at most.
        views: How many views they may have together; 0 = 6 a session.
        """
    def append(self, session: ArrayLike) -> None: ...
    def extend(self, views: ArrayLike, lengths: ArrayLike) -> None: ...
    def expire_oldest(self) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, i: int) -> NDArray[np.uint32]: ...
    @property
    def items(self) -> int: ...
    @property
    def capacity(self) -> int: ...
    def count(self, item: int) -> int: ...

class SessionNeighbours(Model, Scorer):
    def __init__(
        self,
        window: SessionWindow,
        *,
        recent: int = 1500,
        neighbours: int = 300,
        last_views: int = 4,
        view_decay: float = 0.0,
        match_rarity: float = 0.0,
        half_life: float = 0.0,
        match_decay: float = 0.1,
        distance_decay: float = 0.0,
        before: float = 1.0,
        itself: float = 1.0,
        rare_first: int = 1,
        half_dwell: float = 20.0,
    ) -> None:
        """Of a copy of the window. What a neighbour says of its items fades by match_decay,
        distance_decay, `before` and `itself`.

        recent: So many of the newest sessions that share an item are compared.
        neighbours: So many of those that are most alike are asked.
        last_views: So many views of the query are compared.
        view_decay: Older views count exp(-this) times as much each; 0: evenly down to 1/n.
        match_rarity: A shared item counts ln(sessions / those that hold it) to this power.
        half_life: A session that is so many sessions old is half as alike; 0 = never.
        match_decay: Less by this for each view that the shared item is further back.
        distance_decay: Times exp(-this) for each step from the shared item beyond one.
        before: Times this where an item stands before the shared one.
        itself: Times this for the shared item.
        rare_first: 1: times ln(sessions / those that hold the item); 0: not.
        half_dwell: A view of d seconds counts 2 d / (d + this), at least 0.1; 0: dwell is not
            used.
        """
    def append(self, session: ArrayLike) -> None: ...
    def expire_oldest(self) -> None: ...
    @property
    def window(self) -> SessionWindow: ...
    @property
    def options(self) -> dict[str, Any]: ...
    def observe(
        self,
        when: date,
        lines: Iterable[Any],
        *,
        customer: int | None = ...,
        store: int | str | None = ...,
        channel: _Channel = ...,
        rush: _Rush = ...,
    ) -> None: ...

class SequentialRules(Model, Scorer):
    def __init__(self, weights: _Sparse, *, view_decay: float = ...) -> None: ...
    @property
    def weights(self) -> sparse.csr_matrix: ...
    @property
    def view_decay(self) -> float: ...

def fit_sequential_rules(
    window: SessionWindow,
    *,
    steps: int = 10,
    step_power: float = 1.0,
    repeats: bool = True,
    half_life: float = 0.0,
    shrinkage: float = 0.0,
    neighbours: int = 0,
    view_decay: float = 0.0,
    progress: _Progress = None,
) -> SequentialRules:
    """Counts the pairs of views up to `steps` apart.

    steps: Pairs of views up to so many steps apart.
    step_power: A pair s steps apart counts s^-step_power.
    repeats: Whether an item may come after itself.
    half_life: A session that is so many sessions old counts half; 0 = all alike.
    shrinkage: Rows with little to say become weaker.
    neighbours: The strongest rules kept for each item; 0 = all.
    view_decay: What the view before the last one counts.
    progress: Hears how far the work is, and may end it.
    """
def revisits(items: int, view_decay: float = ...) -> SequentialRules: ...

def parse_pack_size(text: str) -> tuple[float, str] | None: ...

class ContentModel(Model, Scorer):
    def __init__(
        self,
        catalog: Catalog,
        *,
        word_weight: float = 1.0,
        attribute_weight: float = 1.0,
        price_weight: float = 0.5,
        price_bands: int = 0,
        price_within: str = '',
        pack_weight: float = 0.0,
        pack_attribute: str = '',
        min_word_bytes: int = 2,
        max_share: float = 0.5,
    ) -> None:
        """The weights say how much a word, an attribute, the price band and the pack size count;
        0 leaves them out.

        word_weight: Of a word of the description; 0 leaves words out.
        attribute_weight: Of an attribute; 0 leaves attributes out.
        price_weight: Of the price band.
        price_bands: Bands with about as many items each; 0 = price says nothing.
        price_within: The attribute within whose values prices are compared; empty = all
            prices.
        pack_weight: Of the pack size, in bands that double; 0 = it says nothing.
        pack_attribute: The attribute that tells the pack size; empty = the description does.
        min_word_bytes: Shorter words are left out.
        max_share: Terms of more than this share of the items are left out.
        """
    @property
    def terms(self) -> list[str]: ...
    def term(self, number: int) -> str: ...
    @property
    def item_terms(self) -> sparse.csr_matrix: ...

class SearchIndex(Model):
    def __init__(
        self,
        catalog: Catalog,
        *,
        description_weight: float = 1.0,
        attribute_weight: float = 0.5,
        id_weight: float = 1.0,
        saturation: float = 1.2,
        length: float = 0.75,
    ) -> None:
        """The weights say what a word of the description, of an attribute and of the id counts.

        description_weight: Of a word of the description; 0 leaves descriptions out.
        attribute_weight: Of a word of an attribute's value.
        id_weight: Of a word of the shop's own code.
        saturation: BM25's k1: how much a word says that is there again.
        length: BM25's b: how much long names lose, 0 to 1.
        """
    @property
    def items(self) -> int: ...
    def term(self, number: int) -> str: ...
    def search(
        self,
        text: str,
        k: int = ...,
        scorer: Scorer | None = ...,
        basket: ArrayLike = ...,
        viewed: int | None = ...,
        customer: int | None = ...,
        allowed: ArrayLike | None = ...,
        taste: float = ...,
    ) -> list[Pick]: ...

class ItemVectors(Model, Scorer):
    def __init__(self, vectors: ArrayLike) -> None: ...
    @property
    def vectors(self) -> _Floats: ...
    @property
    def dimensions(self) -> int: ...
    def cosine(self, a: int, b: int) -> float: ...
    def nearest(self, item: int, k: int = ...) -> list[tuple[int, float]]: ...

def fit_item_vectors(
    pairs: Cooccurrence | sparse.spmatrix | sparse.sparray,
    *,
    dimensions: int = 64,
    shift: float = 1.0,
    seed: int = 1,
    progress: _Progress = None,
) -> ItemVectors:
    """Vectors from how often items are bought together: a Cooccurrence, or any symmetric
    scipy.sparse matrix of counts.

    dimensions: Numbers in a vector; up to 512.
    shift: Pairs rarer than this times chance do not count.
    seed: Of the decomposition.
    progress: Hears how far the work is, and may end it.
    """

# ---------------------------------------------------------------- forecasts

class SalesWindows:
    def __init__(
        self,
        sales: DailySales,
        items: ArrayLike | None = ...,
        covariates: Covariates | None = ...,
    ) -> None: ...
    def __len__(self) -> int: ...
    def slice(self, begin: int, end: int) -> SalesWindows: ...
    def before(self, day: date) -> SalesWindows: ...
    def since(self, day: date) -> SalesWindows: ...
    def last_part(self, fraction: float) -> date: ...
    @property
    def sales(self) -> _Floats: ...
    @property
    def known(self) -> NDArray[np.bool_]: ...
    @property
    def level(self) -> _Floats: ...
    @property
    def days(self) -> _Days: ...
    @property
    def actual(self) -> _Floats: ...
    @property
    def item(self) -> NDArray[np.uint32]: ...
    @property
    def target(self) -> _Days: ...

def items_with_sale_days(sales: DailySales, days: int, before: date) -> NDArray[np.uint32]: ...

class Forecaster:
    @overload
    def forecast(self, windows: SalesWindows) -> _Floats: ...
    @overload
    def forecast(
        self, sales: ArrayLike, target: date | ArrayLike, days: ArrayLike | None = ...
    ) -> Any: ...

class LastDay(Forecaster):
    def __init__(self) -> None: ...

class SameWeekday(Forecaster):
    def __init__(self) -> None: ...

class WindowMean(Forecaster):
    def __init__(self) -> None: ...

class WeekdayMean(Model, Forecaster):
    def __init__(self, factors: Sequence[float]) -> None: ...
    @property
    def factors(self) -> _Floats: ...

def fit_weekday_mean(windows: SalesWindows | DailySales) -> WeekdayMean: ...

class Calendar:
    def __init__(
        self,
        weekdays: Sequence[int] = ...,
        closed: ArrayLike = ...,
        holidays: ArrayLike = ...,
    ) -> None: ...
    def open(self, day: date) -> bool: ...
    def holiday(self, day: date) -> bool: ...
    def next_trading_day(self, day: date) -> date: ...

class Covariates(Model):
    def __init__(
        self, names: Sequence[str], first_day: date, days: int, items: int = ...
    ) -> None: ...
    @property
    def names(self) -> list[str]: ...
    def set(
        self, name: str, day: date | ArrayLike, value: ArrayLike, item: int | None = ...
    ) -> None: ...
    def at(self, day: date, item: int | None = ...) -> _Floats: ...
    def select(self, names: Sequence[str]) -> Covariates: ...

class DemandFactors(Model):
    @property
    def weekdays(self) -> _Floats: ...
    @property
    def months(self) -> _Floats: ...
    @property
    def covariates(self) -> _Floats: ...
    @property
    def series_levels(self) -> _Floats: ...
    def factor(self, day: date, covariates: Sequence[float] = ...) -> float: ...

def fit_demand_factors(
    windows: SalesWindows | DailySales,
    *,
    weekdays: bool = True,
    months: bool = True,
    years: bool = True,
    series: bool = False,
    level_days: int = 182,
    prior: float = 1.0,
    max_sweeps: int = 100,
) -> DemandFactors:
    """Poisson means of series (in each year) x weekday x month x covariates, from all that the
    windows tell.

    weekdays: A factor for each weekday.
    months: A factor for each month.
    years: A level for each series and year, so that growth is not taken for a season.
    series: Keep each series' level at its end. 4 bytes a series.
    level_days: Trading days that such a level is of.
    prior: Sales of the usual size that hold each factor to 1: a weekday seen once is no rule.
    max_sweeps: Over all factors, at most.
    """

class FactorMean(Model, Forecaster):
    def __init__(
        self, factors: DemandFactors, prior: float = ..., prior_days: float = ...
    ) -> None: ...

class PooledLevel(Model):
    @property
    def levels(self) -> _Floats: ...

def with_pooled_levels(
    windows: SalesWindows,
    factors: DemandFactors,
    *,
    half_life_days: float = 182.0,
    pool_half_life_days: float = 7.0,
    pools: ArrayLike = (),
) -> tuple[SalesWindows, PooledLevel]:
    """(windows, PooledLevel): the windows with the level that each series had on the eve of its
    target, and the levels after the last day.

    half_life_days: Trading days after which a sale counts half for its series.
    pool_half_life_days: The same for what all series of a pool do together.
    pools: The pool of each series, from 0; empty: all are one.
    """

class IntermittentDemand(Model):
    def __init__(
        self,
        sales: DailySales,
        method: Literal["croston", "sba", "tsb", "by_pattern"] = ...,
        *,
        size_smoothing: float = 0.03,
        interval_smoothing: float = 0.05,
        chance_smoothing: float = 0.05,
    ) -> None:
        """method: croston, sba, tsb or by_pattern.

        size_smoothing: Of what sells on a day with a sale, 0 to 1.
        interval_smoothing: Of the days from sale to sale.
        chance_smoothing: Of the chance of a sale (TSB).
        """
    def forecast(self) -> _Floats: ...
    def quantiles(self, levels: Sequence[float]) -> _Floats: ...
    @property
    def patterns(self) -> list[str]: ...

class Lstm(Model, Forecaster):
    def __init__(
        self,
        input: ArrayLike,
        recurrent: ArrayLike,
        bias: ArrayLike,
        output: ArrayLike,
        output_bias: float = ...,
        *,
        inputs: _Inputs = ...,
        prior: float = ...,
    ) -> None: ...
    def forecast_quantiles(self, windows: SalesWindows) -> NDArray[np.float32]: ...
    @property
    def quantiles(self) -> list[float]: ...
    @property
    def hidden(self) -> int: ...
    @property
    def inputs(self) -> _Inputs: ...
    @property
    def prior(self) -> float: ...

class Gru(Model, Forecaster):
    def __init__(
        self,
        input: ArrayLike,
        recurrent: ArrayLike,
        bias: ArrayLike,
        output: ArrayLike,
        output_bias: float = ...,
        *,
        inputs: _Inputs = ...,
        prior: float = ...,
    ) -> None: ...
    def forecast_quantiles(self, windows: SalesWindows) -> NDArray[np.float32]: ...
    @property
    def quantiles(self) -> list[float]: ...
    @property
    def hidden(self) -> int: ...
    @property
    def inputs(self) -> _Inputs: ...
    @property
    def prior(self) -> float: ...

def train_lstm(
    windows: SalesWindows | DailySales,
    *,
    inputs: _Inputs = ...,
    hidden: int = 16,
    season: bool = False,
    level: bool = False,
    gaps: bool = False,
    covariates: int = 0,
    prior: float = 1.0,
    skip: bool = False,
    quantiles: ArrayLike = (),
    epochs: int = 20,
    seed: int = 1,
    learning_rate: float = 0.01,
    final_learning_rate: float = 0.01,
    schedule: Literal["constant", "linear", "cosine"] = 'linear',
    warm_up: float = 0.0,
    batch: int = 128,
    clip_norm: float = 1.0,
    loss: Literal["squared", "absolute", "huber", "relative", "poisson", "negative_binomial"] = 'huber',
    huber_delta: float = 3.0,
    dispersion: float = 0.0,
    quantile_weight: float = 1.0,
    level_power: float = 0.5,
    validation_fraction: float = 0.1,
    patience: int = 5,
    threads: int = 0,
    progress: _Progress = None,
) -> Lstm:
    """Trains an LSTM on SalesWindows, or on all windows of a DailySales. The last target days
    (validation_fraction) are held back and end the training when they are no longer forecast
    better. Same windows, options and seed give the same numbers at any number of threads.
    inputs: 'calendar' (sales and weekdays) or 'window' (sales); season, level, gaps and
    covariates come beside them.

    hidden: Hidden units, where the size is chosen at run time.
    season: Time of year.
    level: The logarithm of the window's level, in pieces or grams.
    gaps: Which days' sales are unknown.
    covariates: The first so many covariates of the next day.
    prior: Units added to the sum of a window before it is taken for a level.
    skip: Weights on the window's days past the network.
    quantiles: Levels that are forecast too.
    epochs: Passes over the windows at most.
    seed: Of the first weights and the order.
    learning_rate: Of Adam.
    final_learning_rate: As a share of `learning_rate`.
    schedule: How the rate falls.
    warm_up: Epochs in which the rate first rises evenly from 0.
    batch: Windows for each step of Adam.
    clip_norm: A longer gradient is shortened to this.
    loss: What is made small.
    huber_delta: In scales of the window, where the huber loss turns absolute.
    dispersion: Of the negative binomial loss, which wants it above 0; else 0.
    quantile_weight: Of the quantiles' losses beside the point forecast's.
    level_power: A window counts by its level to this power: 0 as MAPE counts, 1 as WMAPE.
    validation_fraction: The last target days, held back; 0: none, and no early stopping.
    patience: Epochs without a better validation loss before the end.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is; `loss` is the validation loss.
    """
def train_gru(
    windows: SalesWindows | DailySales,
    *,
    inputs: _Inputs = ...,
    hidden: int = 16,
    season: bool = False,
    level: bool = False,
    gaps: bool = False,
    covariates: int = 0,
    prior: float = 1.0,
    skip: bool = False,
    quantiles: ArrayLike = (),
    epochs: int = 20,
    seed: int = 1,
    learning_rate: float = 0.01,
    final_learning_rate: float = 0.01,
    schedule: Literal["constant", "linear", "cosine"] = 'linear',
    warm_up: float = 0.0,
    batch: int = 128,
    clip_norm: float = 1.0,
    loss: Literal["squared", "absolute", "huber", "relative", "poisson", "negative_binomial"] = 'huber',
    huber_delta: float = 3.0,
    dispersion: float = 0.0,
    quantile_weight: float = 1.0,
    level_power: float = 0.5,
    validation_fraction: float = 0.1,
    patience: int = 5,
    threads: int = 0,
    progress: _Progress = None,
) -> Gru:
    """Trains a GRU; options as of train_lstm.

    hidden: Hidden units, where the size is chosen at run time.
    season: Time of year.
    level: The logarithm of the window's level, in pieces or grams.
    gaps: Which days' sales are unknown.
    covariates: The first so many covariates of the next day.
    prior: Units added to the sum of a window before it is taken for a level.
    skip: Weights on the window's days past the network.
    quantiles: Levels that are forecast too.
    epochs: Passes over the windows at most.
    seed: Of the first weights and the order.
    learning_rate: Of Adam.
    final_learning_rate: As a share of `learning_rate`.
    schedule: How the rate falls.
    warm_up: Epochs in which the rate first rises evenly from 0.
    batch: Windows for each step of Adam.
    clip_norm: A longer gradient is shortened to this.
    loss: What is made small.
    huber_delta: In scales of the window, where the huber loss turns absolute.
    dispersion: Of the negative binomial loss, which wants it above 0; else 0.
    quantile_weight: Of the quantiles' losses beside the point forecast's.
    level_power: A window counts by its level to this power: 0 as MAPE counts, 1 as WMAPE.
    validation_fraction: The last target days, held back; 0: none, and no early stopping.
    patience: Epochs without a better validation loss before the end.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is; `loss` is the validation loss.
    """
@overload
def fine_tune(
    model: Lstm,
    windows: SalesWindows | DailySales,
    *,
    mask: PruneMask | None = ...,
    epochs: int = 5,
    seed: int = 1,
    learning_rate: float = 0.001,
    final_learning_rate: float = 0.01,
    schedule: Literal["constant", "linear", "cosine"] = 'linear',
    warm_up: float = 0.0,
    batch: int = 128,
    clip_norm: float = 1.0,
    loss: Literal["squared", "absolute", "huber", "relative", "poisson", "negative_binomial"] = 'huber',
    huber_delta: float = 3.0,
    dispersion: float = 0.0,
    quantile_weight: float = 1.0,
    level_power: float = 0.5,
    validation_fraction: float = 0.1,
    patience: int = 5,
    threads: int = 0,
    progress: _Progress = None,
) -> Lstm:
    """Trains on from a float model and returns a new one. mask: of prune_mask, holds pruned
    weights at 0.

    epochs: Passes over the windows at most.
    seed: Of the first weights and the order.
    learning_rate: Of Adam.
    final_learning_rate: As a share of `learning_rate`.
    schedule: How the rate falls.
    warm_up: Epochs in which the rate first rises evenly from 0.
    batch: Windows for each step of Adam.
    clip_norm: A longer gradient is shortened to this.
    loss: What is made small.
    huber_delta: In scales of the window, where the huber loss turns absolute.
    dispersion: Of the negative binomial loss, which wants it above 0; else 0.
    quantile_weight: Of the quantiles' losses beside the point forecast's.
    level_power: A window counts by its level to this power: 0 as MAPE counts, 1 as WMAPE.
    validation_fraction: The last target days, held back; 0: none, and no early stopping.
    patience: Epochs without a better validation loss before the end.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is; `loss` is the validation loss.
    """
@overload
def fine_tune(
    model: Gru,
    windows: SalesWindows | DailySales,
    *,
    mask: PruneMask | None = ...,
    epochs: int = 5,
    seed: int = 1,
    learning_rate: float = 0.001,
    final_learning_rate: float = 0.01,
    schedule: Literal["constant", "linear", "cosine"] = 'linear',
    warm_up: float = 0.0,
    batch: int = 128,
    clip_norm: float = 1.0,
    loss: Literal["squared", "absolute", "huber", "relative", "poisson", "negative_binomial"] = 'huber',
    huber_delta: float = 3.0,
    dispersion: float = 0.0,
    quantile_weight: float = 1.0,
    level_power: float = 0.5,
    validation_fraction: float = 0.1,
    patience: int = 5,
    threads: int = 0,
    progress: _Progress = None,
) -> Gru:
    """Trains on from a float model and returns a new one. mask: of prune_mask, holds pruned
    weights at 0.

    epochs: Passes over the windows at most.
    seed: Of the first weights and the order.
    learning_rate: Of Adam.
    final_learning_rate: As a share of `learning_rate`.
    schedule: How the rate falls.
    warm_up: Epochs in which the rate first rises evenly from 0.
    batch: Windows for each step of Adam.
    clip_norm: A longer gradient is shortened to this.
    loss: What is made small.
    huber_delta: In scales of the window, where the huber loss turns absolute.
    dispersion: Of the negative binomial loss, which wants it above 0; else 0.
    quantile_weight: Of the quantiles' losses beside the point forecast's.
    level_power: A window counts by its level to this power: 0 as MAPE counts, 1 as WMAPE.
    validation_fraction: The last target days, held back; 0: none, and no early stopping.
    patience: Epochs without a better validation loss before the end.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is; `loss` is the validation loss.
    """

class ForecastErrors:
    @property
    def count(self) -> int: ...
    @property
    def unknown(self) -> int: ...
    @property
    def mae(self) -> float: ...
    @property
    def rmse(self) -> float: ...
    @property
    def wmape(self) -> float: ...
    @property
    def mape(self) -> float: ...
    @property
    def bias(self) -> float: ...

def evaluate_forecaster(
    forecaster: Forecaster, windows: SalesWindows, *, progress: _Progress = ...
) -> ForecastErrors: ...
def forecast_errors(actual: ArrayLike, forecast: ArrayLike) -> ForecastErrors: ...

# ---------------------------------------------------------------- evaluation

class LeaveOneOut:
    @overload
    def __init__(
        self,
        held_out: Baskets,
        catalogue: ArrayLike | None = ...,
        *,
        longest_basket: int = 30,
        max_cases: int = 0,
    ) -> None:
        """catalogue: the items that are compared, a boolean array such as items_in_baskets of
        the training baskets; all where None.

        longest_basket: Only the first so many items of a basket are kept.
        max_cases: 0 = all; else every n-th case, so that at most this many stay.
        """
    @overload
    def __init__(
        self,
        catalogue: NDArray[np.bool_],
    ) -> None:
        """Without cases, for those that you choose and add() takes.
        """
    def add(
        self,
        basket: ArrayLike,
        hidden: int,
        new_basket: bool = ...,
        customer: int | None = ...,
    ) -> None: ...
    def __len__(self) -> int: ...
    @property
    def baskets(self) -> int: ...
    @property
    def removed_items(self) -> int: ...

def items_in_baskets(training: Baskets, at_least: int = ...) -> NDArray[np.bool_]: ...

class Estimate:
    @property
    def mean(self) -> float: ...
    @property
    def half_width(self) -> float: ...

class RankingReport:
    @property
    def k(self) -> int: ...
    @property
    def cases(self) -> int: ...
    @property
    def baskets(self) -> int: ...
    @property
    def hit_rate(self) -> Estimate: ...
    @property
    def reciprocal_rank(self) -> Estimate: ...
    @property
    def ndcg(self) -> Estimate: ...
    @property
    def coverage(self) -> float: ...
    @property
    def rank(self) -> NDArray[np.uint32]: ...

class RankingDifference:
    @property
    def hit_rate(self) -> Estimate: ...
    @property
    def reciprocal_rank(self) -> Estimate: ...
    @property
    def ndcg(self) -> Estimate: ...

def evaluate_ranking(
    scorer: Scorer,
    cases: LeaveOneOut,
    *,
    k: int = 10,
    threads: int = 0,
    progress: _Progress = None,
) -> RankingReport:
    """Asks the scorer for every case, exactly as a shop would.

    k: Length of the slates.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is, and may end it.
    """
def ranking_difference(
    a: RankingReport, b: RankingReport, cases: LeaveOneOut
) -> RankingDifference: ...

def recall_at(k: int, items: ArrayLike, targets: ArrayLike) -> float: ...
def reciprocal_rank_at(k: int, items: ArrayLike, targets: ArrayLike) -> float: ...
def ndcg_at(k: int, items: ArrayLike, targets: ArrayLike) -> float: ...
def average_precision_at(k: int, items: ArrayLike, targets: ArrayLike) -> float: ...
def split_last_baskets(baskets: Baskets, last: int = ...) -> tuple[Baskets, Baskets, Baskets]: ...

class BasketCases:
    @overload
    def __init__(
        self, held_out: Baskets, history: Baskets, catalogue: ArrayLike | None = ...
    ) -> None: ...
    @overload
    def __init__(self, catalogue: NDArray[np.bool_]) -> None: ...
    def add(
        self,
        query: ArrayLike,
        target: ArrayLike,
        seen: ArrayLike = ...,
        customer: int | None = ...,
        group: int | None = ...,
    ) -> None: ...
    def __len__(self) -> int: ...

class BasketReport:
    @property
    def k(self) -> int: ...
    @property
    def cases(self) -> int: ...
    @property
    def recall(self) -> Estimate: ...
    @property
    def ndcg(self) -> Estimate: ...
    @property
    def average_precision(self) -> Estimate: ...
    @property
    def reciprocal_rank(self) -> Estimate: ...
    @property
    def repeat_recall(self) -> Estimate: ...
    @property
    def explore_recall(self) -> Estimate: ...
    @property
    def repeat_cases(self) -> int: ...
    @property
    def explore_cases(self) -> int: ...
    @property
    def coverage(self) -> float: ...
    @property
    def novelty(self) -> float: ...
    @property
    def diversity(self) -> float: ...
    @property
    def shown(self) -> NDArray[np.uint16]: ...

def evaluate_baskets(
    scorer: Scorer,
    cases: BasketCases,
    *,
    k: int = 10,
    query_items: Literal["excluded", "allowed"] = 'allowed',
    sold: Cooccurrence | None = None,
    threads: int = 0,
    progress: _Progress = None,
) -> BasketReport:
    """Asks the scorer for every case, exactly as a shop would. query_items: as in recommend.

    k: Length of the lists.
    query_items: Whether items of the query may be answers.
    sold: What sells how often, for novelty and diversity; without it both are 0.
    threads: How many threads; 0 = all cores. The result is the same at any number.
    progress: Hears how far the work is, and may end it.
    """

# ---------------------------------------------------------------- one file

class Bundle:
    def __init__(self) -> None: ...
    def add(self, name: str, model: Model) -> None: ...
    def get(self, name: str) -> Any: ...
    def names(self) -> list[str]: ...
    def kind(self, name: str) -> str: ...
    def signature(self, name: str) -> str: ...
    def options(self, name: str) -> dict[str, object]: ...
    def __len__(self) -> int: ...
    def __contains__(self, name: str) -> bool: ...
    def save(self, path: _Path) -> None: ...
    def serialize(self) -> bytes: ...
    @staticmethod
    def open(path: _Path, *, file_bytes: int = ..., decoded_bytes: int = ...) -> Bundle: ...
    @staticmethod
    def parse(file: bytes, *, file_bytes: int = ..., decoded_bytes: int = ...) -> Bundle: ...

# ---------------------------------------------------------------- the engine in the shop

class TillWeights(Model):
    def __init__(
        self, items: float = ..., content: float = ..., popularity: float = ...
    ) -> None: ...
    @property
    def items(self) -> float: ...
    @property
    def content(self) -> float: ...
    @property
    def popularity(self) -> float: ...

class TillReason:
    @property
    def kind(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def contribution(self) -> float: ...

class TillPick:
    @property
    def code(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def instead_of(self) -> str: ...
    @property
    def probability(self) -> float: ...
    @property
    def probability_lower(self) -> float: ...
    @property
    def because(self) -> list[TillReason]: ...

class Slate:
    @property
    def picks(self) -> list[TillPick]: ...
    @property
    def answered_by(self) -> str: ...
    def __len__(self) -> int: ...
    def __getitem__(self, i: int) -> TillPick: ...

class Forecast:
    @property
    def units(self) -> float: ...
    @property
    def answered_by(self) -> str: ...

class StockFeedReport:
    @property
    def rows(self) -> int: ...
    @property
    def set(self) -> int: ...
    @property
    def older(self) -> int: ...
    @property
    def negative(self) -> int: ...
    @property
    def not_a_number(self) -> int: ...
    @property
    def too_large(self) -> int: ...
    @property
    def unknown_item(self) -> int: ...
    @property
    def examples(self) -> list[str]: ...

class Stock:
    def set(self, code: str, units: float) -> None: ...
    def add(self, code: str, units: float) -> None: ...
    def set_smallest(self, code: str, units: float) -> None: ...
    def forget(self, code: str) -> None: ...
    def feed(self, rows: Iterable[tuple[str, float, date]]) -> StockFeedReport: ...
    def units(self, code: str) -> float | None: ...
    def available(self, code: str) -> bool: ...

class TillReport:
    @property
    def items(self) -> int: ...
    @property
    def parts(self) -> list[str]: ...
    @property
    def unknown(self) -> list[str]: ...
    @property
    def unused(self) -> list[str]: ...
    @property
    def lanes(self) -> int: ...
    @property
    def receipts(self) -> int: ...
    @property
    def held(self) -> int: ...
    @property
    def unknown_lines(self) -> int: ...
    @property
    def stock_wrong(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def undone(self) -> int: ...
    @property
    def twice(self) -> int: ...
    @property
    def late(self) -> int: ...
    @property
    def swaps(self) -> int: ...
    @property
    def unreadable(self) -> int: ...

class Lane:
    def recommend(
        self,
        basket: Iterable[str | tuple[str, _Number]] = ...,
        k: int = ...,
        *,
        viewed: str | None = ...,
        card: str | None = ...,
        session: Iterable[str | tuple[str, float]] = ...,
        when: date | None = ...,
    ) -> Slate: ...
    def search(
        self,
        text: str,
        k: int = ...,
        *,
        basket: Iterable[str | tuple[str, _Number]] = ...,
        viewed: str | None = ...,
        card: str | None = ...,
        session: Iterable[str | tuple[str, float]] = ...,
        when: date | None = ...,
    ) -> Slate: ...

class Till:
    def __init__(
        self,
        bundle: Bundle,
        *,
        state: _Path = ...,
        sync: Literal["each_record", "each_second", "never"] = ...,
        weights: TillWeights | dict[str, float] | None = ...,
        unknown_parts: Literal["ignore", "refuse"] = ...,
        unknown_items: Literal["skip", "refuse"] = ...,
        day_starts_at: int = ...,
        keep_days: int = ...,
        max_picks: int = ...,
    ) -> None: ...
    @staticmethod
    def open(
        path: _Path,
        *,
        state: _Path = ...,
        sync: Literal["each_record", "each_second", "never"] = ...,
        weights: TillWeights | dict[str, float] | None = ...,
        unknown_parts: Literal["ignore", "refuse"] = ...,
        unknown_items: Literal["skip", "refuse"] = ...,
        day_starts_at: int = ...,
        keep_days: int = ...,
        max_picks: int = ...,
    ) -> Till: ...
    def lane(self) -> Lane: ...
    @property
    def stock(self) -> Stock: ...
    @property
    def catalog(self) -> Catalog: ...
    def observe(
        self,
        when: date,
        lines: Iterable[tuple[str] | tuple[str, _Number] | tuple[str, _Number, _Number]],
        *,
        id: str = ...,
        store: str = ...,
        till: str = ...,
        card: str = ...,
    ) -> None: ...
    def undo(
        self, id: str, *, store: str = ..., till: str = ..., day: date | None = ...
    ) -> bool: ...
    def close_day(self) -> None: ...
    def add(
        self,
        code: str,
        description: str = ...,
        price: _Number | None = ...,
        attributes: dict[str, str] = ...,
    ) -> None: ...
    def relist(self, code: str, to: str) -> None: ...
    def replace(self, file: _Path | Bundle) -> None: ...
    def forecast(self, code: str) -> Forecast: ...
    def quantiles(self, code: str, levels: Sequence[float]) -> _Floats: ...
    def forecast_day(self) -> date | None: ...
    def set_covariate(self, name: str, day: date, value: float, code: str = ...) -> None: ...
    def sync(self) -> None: ...
    def report(self) -> TillReport: ...
