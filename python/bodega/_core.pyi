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
_Item = int | str
_Progress = bool | Callable[[str, int, int, float], object] | None
_Similarity = Literal[
    "cosine", "conditional", "shrunk_lift", "jaccard", "ppmi", "log_likelihood"
]
_QueryItems = Literal["excluded", "allowed"]
_Age = Literal["baskets", "days"]
_Sparse = sparse.spmatrix | sparse.sparray
_Loss = Literal["huber", "squared", "absolute", "relative", "poisson", "negative_binomial"]
_Schedule = Literal["linear", "cosine", "constant"]
_Inputs = Literal["calendar", "window"]
_Normalise = Literal["upper_case_trimmed"] | Callable[[str], str] | None
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
    sparsity: float = ...,
    threshold: Literal["per_tensor", "per_gate", "per_model"] = ...,
) -> _M: ...
def prune_mask(
    model: Model,
    *,
    sparsity: float = ...,
    threshold: Literal["per_tensor", "per_gate", "per_model"] = ...,
) -> PruneMask: ...
def quantize(
    model: _M,
    *,
    scheme: Literal["symmetric", "affine"] = ...,
    granularity: Literal["per_row", "per_tensor", "per_gate"] = ...,
    bits: int = ...,
) -> _M: ...
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
    id: str = ...,
    description: str = ...,
    price: str = ...,
    attributes: Sequence[str] = ...,
    separator: str = ...,
    value_separator: str = ...,
    normalise: _Normalise = ...,
) -> Catalog: ...

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
    def trading_days(self) -> DailySales: ...
    def slice(self, begin: int, end: int) -> DailySales: ...
    def tail(self, count: int) -> DailySales: ...

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
    def daily_sales(self) -> DailySales: ...
    def user_items(self) -> sparse.csr_matrix: ...
    def lines(self) -> dict[str, NDArray[Any]]: ...
    def id(self, i: int) -> str: ...

def read_receipts(
    source: _Source,
    catalog: Catalog | None = ...,
    *,
    receipt: str = ...,
    item: str = ...,
    quantity: str = ...,
    time: str = ...,
    price: str = ...,
    customer: str = ...,
    description: str = ...,
    store: str = ...,
    till: str = ...,
    separator: str = ...,
    malformed: Literal["strict", "lenient"] = ...,
    returns: Literal["net", "drop"] = ...,
    free_lines: Literal["keep", "drop"] = ...,
    cancellation_prefix: str = ...,
    normalise: _Normalise = ...,
    is_item: Callable[[str], bool] | None = ...,
    parse_time: Callable[[str], datetime | None] | None = ...,
    max_offenders: int = ...,
    progress: _Progress = ...,
) -> Receipts: ...

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
    def scores(
        self,
        basket: ArrayLike = ...,
        viewed: int | None = ...,
        customer: int | None = ...,
        store: int | None = ...,
        when: date | None = ...,
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
    ) -> list[Pick]: ...
    def explain(
        self,
        basket: ArrayLike,
        item: int,
        viewed: int | None = ...,
        customer: int | None = ...,
        store: int | None = ...,
        when: date | None = ...,
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
        half_life_days: float = ...,
        max_basket: int = ...,
        weights: Sequence[float] | NDArray[Any] = ...,
        progress: _Progress = ...,
    ) -> None: ...
    @overload
    def __init__(
        self, items: int, *, half_life_days: float = ..., max_basket: int = ...
    ) -> None: ...
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

class ItemItem(Model, Scorer):
    def __init__(self, weights: sparse.spmatrix | sparse.sparray) -> None: ...
    @property
    def weights(self) -> sparse.csr_matrix: ...

def fit_ease(
    counts: Cooccurrence,
    *,
    l2: float = ...,
    neighbours: int = ...,
    keep: Literal["strongest", "least_missed"] = ...,
    symmetry: float = ...,
    single_precision: bool = ...,
    max_bytes: int = ...,
    progress: _Progress = ...,
) -> ItemItem: ...
def fit_item_neighbours(
    counts: Cooccurrence,
    *,
    similarity: _Similarity = ...,
    neighbours: int = ...,
    shrinkage: float = ...,
    progress: _Progress = ...,
) -> ItemItem: ...

def fit_bm25_neighbours(
    baskets: Baskets,
    *,
    k1: float = ...,
    b: float = ...,
    neighbours: int = ...,
    progress: _Progress = ...,
) -> ItemItem: ...
def fit_tfidf_neighbours(
    baskets: Baskets, *, neighbours: int = ..., progress: _Progress = ...
) -> ItemItem: ...
def fit_rp3beta(
    baskets: Baskets,
    *,
    alpha: float = ...,
    beta: float = ...,
    neighbours: int = ...,
    progress: _Progress = ...,
) -> ItemItem: ...
def fit_complements(
    counts: Cooccurrence,
    *,
    significance: float = ...,
    shrinkage: float = ...,
    neighbours: int = ...,
    progress: _Progress = ...,
) -> ItemItem: ...
def shared_complements(complements: ItemItem, a: int, b: int) -> list[Reason]: ...
def inverse_size_weights(baskets: Baskets, power: float) -> _Floats: ...

_SalesCount = Literal["receipts", "lines", "units"]

class Popularity(Model, Scorer):
    @overload
    def __init__(self, baskets: Baskets, *, half_life_days: float = ...) -> None: ...
    @overload
    def __init__(
        self, receipts: Receipts, *, half_life_days: float = ..., count: _SalesCount = ...
    ) -> None: ...
    @overload
    def __init__(
        self, items: int, *, half_life_days: float = ..., count: _SalesCount = ...
    ) -> None: ...
    def add(self, item: int, day: date, weight: float = ...) -> None: ...
    def merge(self, other: Popularity) -> None: ...
    def share(self, item: int) -> float: ...

class StoreSales(Model):
    @overload
    def __init__(self, receipts: Receipts, *, half_life_days: float = ...) -> None: ...
    @overload
    def __init__(self, baskets: Baskets, *, half_life_days: float = ...) -> None: ...
    @overload
    def __init__(self, items: int, *, half_life_days: float = ...) -> None: ...
    def add(
        self, store: int | None, when: date, items: ArrayLike, weight: float = ...
    ) -> None: ...
    def merge(self, other: StoreSales) -> None: ...
    @property
    def items(self) -> int: ...
    @property
    def stores(self) -> list[int | None]: ...
    def of_store(self, store: int | None) -> _Floats: ...

class ShopPrior(Model, Scorer):
    def share(self, item: int, store: int | None = ..., when: date | None = ...) -> float: ...
    @property
    def stores(self) -> int: ...
    @property
    def clusters(self) -> int: ...

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
    support: float = ...,
    confidence: float = ...,
    lift: float = ...,
    longest: int = ...,
    max_basket: int = ...,
    max_itemsets: int = ...,
    max_rules: int = ...,
    progress: _Progress = ...,
) -> FittedAssociationRules: ...

class Substitutes(Model, Scorer):
    @property
    def weights(self) -> sparse.csr_matrix: ...

def fit_substitutes(
    counts: Cooccurrence,
    *,
    significance: float = ...,
    shrinkage: float = ...,
    complements: int = ...,
    most_together: float = ...,
    least_alike: float = ...,
    least_shared: int = ...,
    neighbours: int = ...,
    progress: _Progress = ...,
) -> Substitutes: ...

class FactorModel(Model, Scorer):
    def __init__(
        self,
        vectors: ArrayLike,
        *,
        unobserved: float = ...,
        observed_too: bool = ...,
        l2: float = ...,
        frequency_scaling: float = ...,
        confidence: float = ...,
    ) -> None: ...
    @property
    def vectors(self) -> _Floats: ...
    @property
    def factors(self) -> int: ...
    def fold_in(self, basket: ArrayLike, viewed: int | None = ...) -> _Floats: ...
    def directions(self) -> _Floats: ...

def fit_als(
    user_items: _Sparse,
    *,
    factors: int = ...,
    iterations: int = ...,
    unobserved: float = ...,
    observed_too: bool = ...,
    l2: float = ...,
    frequency_scaling: float = ...,
    solver: Literal["blocks", "conjugate_gradients"] = ...,
    block: int = ...,
    steps: int = ...,
    deviation: float = ...,
    seed: int = ...,
    threads: int = ...,
    progress: _Progress = ...,
) -> FactorModel: ...
def fit_bpr(
    user_items: _Sparse,
    *,
    factors: int = ...,
    epochs: int = ...,
    learning_rate: float = ...,
    l2: float = ...,
    deviation: float = ...,
    fold_in_unobserved: float = ...,
    fold_in_l2: float = ...,
    seed: int = ...,
    progress: _Progress = ...,
) -> FactorModel: ...

class CustomerItems(Model, Scorer):
    def __init__(self, weights: _Sparse, *, of: Literal["own", "alike"] = ...) -> None: ...
    @property
    def customers(self) -> int: ...
    @property
    def weights(self) -> sparse.csr_matrix: ...

class RepeatPurchase(Model, Scorer):
    @property
    def customers(self) -> int: ...

class PurchaseCycle(Model, Scorer):
    @property
    def customers(self) -> int: ...
    @property
    def day(self) -> date: ...
    def advance(self, day: date) -> None: ...
    def hazard(self, gaps: float) -> float: ...

def purchase_shares(
    baskets: Baskets,
    *,
    age: _Age = ...,
    power: float = ...,
    scale: float = ...,
    per_step: float = ...,
    size: float = ...,
) -> sparse.csr_matrix: ...
def tifu_vectors(
    baskets: Baskets,
    *,
    groups: int = ...,
    within_decay: float = ...,
    between_decay: float = ...,
) -> sparse.csr_matrix: ...
def fit_customer_neighbours(
    history: _Sparse,
    *,
    similarity: Literal["cosine", "euclidean"] = ...,
    neighbours: int = ...,
    items: int = ...,
    threads: int = ...,
    progress: _Progress = ...,
) -> CustomerItems: ...
def fit_repeat_purchase(
    baskets: Baskets,
    *,
    age: _Age = ...,
    power: float = ...,
    scale: float = ...,
    per_step: float = ...,
    size: float = ...,
    prior: float = ...,
) -> RepeatPurchase: ...
def fit_purchase_cycle(baskets: Baskets, *, least_purchases: int = ...) -> PurchaseCycle: ...

class SessionWindow(Model):
    def __init__(self, items: int, *, sessions: int = ..., views: int = ...) -> None: ...
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
        recent: int = ...,
        neighbours: int = ...,
        last_views: int = ...,
        view_decay: float = ...,
        match_rarity: float = ...,
        half_life: float = ...,
        match_decay: float = ...,
        distance_decay: float = ...,
        before: float = ...,
        itself: float = ...,
        rare_first: bool = ...,
    ) -> None: ...
    def append(self, session: ArrayLike) -> None: ...
    def expire_oldest(self) -> None: ...
    @property
    def window(self) -> SessionWindow: ...
    @property
    def options(self) -> dict[str, Any]: ...

class SequentialRules(Model, Scorer):
    def __init__(self, weights: _Sparse, *, view_decay: float = ...) -> None: ...
    @property
    def weights(self) -> sparse.csr_matrix: ...
    @property
    def view_decay(self) -> float: ...

def fit_sequential_rules(
    window: SessionWindow,
    *,
    steps: int = ...,
    step_power: float = ...,
    repeats: bool = ...,
    half_life: float = ...,
    shrinkage: float = ...,
    neighbours: int = ...,
    view_decay: float = ...,
) -> SequentialRules: ...
def revisits(items: int, view_decay: float = ...) -> SequentialRules: ...

def parse_pack_size(text: str) -> tuple[float, str] | None: ...

class ContentModel(Model, Scorer):
    def __init__(
        self,
        catalog: Catalog,
        *,
        word_weight: float = ...,
        attribute_weight: float = ...,
        price_weight: float = ...,
        price_bands: int = ...,
        min_word_bytes: int = ...,
        max_share: float = ...,
    ) -> None: ...
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
        description_weight: float = ...,
        attribute_weight: float = ...,
        id_weight: float = ...,
        saturation: float = ...,
        length: float = ...,
    ) -> None: ...
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
    dimensions: int = ...,
    shift: float = ...,
    seed: int = ...,
    progress: _Progress = ...,
) -> ItemVectors: ...

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
    weekdays: bool = ...,
    months: bool = ...,
    years: bool = ...,
    series: bool = ...,
    level_days: int = ...,
    prior: float = ...,
) -> DemandFactors: ...

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
    half_life_days: float = ...,
    pool_half_life_days: float = ...,
    pools: Sequence[int] = ...,
) -> tuple[SalesWindows, PooledLevel]: ...

class IntermittentDemand(Model):
    def __init__(
        self,
        sales: DailySales,
        method: Literal["croston", "sba", "tsb", "by_pattern"] = ...,
        *,
        size_smoothing: float = ...,
        interval_smoothing: float = ...,
        chance_smoothing: float = ...,
    ) -> None: ...
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
    hidden: int = ...,
    inputs: _Inputs = ...,
    season: bool = ...,
    level: bool = ...,
    gaps: bool = ...,
    covariates: int = ...,
    prior: float = ...,
    skip: bool = ...,
    quantiles: Sequence[float] = ...,
    epochs: int = ...,
    seed: int = ...,
    learning_rate: float = ...,
    final_learning_rate: float = ...,
    schedule: _Schedule = ...,
    warm_up: float = ...,
    batch: int = ...,
    clip_norm: float = ...,
    loss: _Loss = ...,
    huber_delta: float = ...,
    dispersion: float = ...,
    quantile_weight: float = ...,
    level_power: float = ...,
    validation_fraction: float = ...,
    patience: int = ...,
    threads: int = ...,
    progress: _Progress = ...,
) -> Lstm: ...
def train_gru(
    windows: SalesWindows | DailySales,
    *,
    hidden: int = ...,
    inputs: _Inputs = ...,
    season: bool = ...,
    level: bool = ...,
    gaps: bool = ...,
    covariates: int = ...,
    prior: float = ...,
    skip: bool = ...,
    quantiles: Sequence[float] = ...,
    epochs: int = ...,
    seed: int = ...,
    learning_rate: float = ...,
    final_learning_rate: float = ...,
    schedule: _Schedule = ...,
    warm_up: float = ...,
    batch: int = ...,
    clip_norm: float = ...,
    loss: _Loss = ...,
    huber_delta: float = ...,
    dispersion: float = ...,
    quantile_weight: float = ...,
    level_power: float = ...,
    validation_fraction: float = ...,
    patience: int = ...,
    threads: int = ...,
    progress: _Progress = ...,
) -> Gru: ...
@overload
def fine_tune(
    model: Lstm,
    windows: SalesWindows | DailySales,
    *,
    mask: PruneMask | None = ...,
    epochs: int = ...,
    seed: int = ...,
    learning_rate: float = ...,
    final_learning_rate: float = ...,
    schedule: _Schedule = ...,
    warm_up: float = ...,
    batch: int = ...,
    clip_norm: float = ...,
    loss: _Loss = ...,
    huber_delta: float = ...,
    dispersion: float = ...,
    quantile_weight: float = ...,
    level_power: float = ...,
    validation_fraction: float = ...,
    patience: int = ...,
    threads: int = ...,
    progress: _Progress = ...,
) -> Lstm: ...
@overload
def fine_tune(
    model: Gru,
    windows: SalesWindows | DailySales,
    *,
    mask: PruneMask | None = ...,
    epochs: int = ...,
    seed: int = ...,
    learning_rate: float = ...,
    final_learning_rate: float = ...,
    schedule: _Schedule = ...,
    warm_up: float = ...,
    batch: int = ...,
    clip_norm: float = ...,
    loss: _Loss = ...,
    huber_delta: float = ...,
    dispersion: float = ...,
    quantile_weight: float = ...,
    level_power: float = ...,
    validation_fraction: float = ...,
    patience: int = ...,
    threads: int = ...,
    progress: _Progress = ...,
) -> Gru: ...

class ForecastErrors:
    @property
    def count(self) -> int: ...
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

def evaluate_forecaster(forecaster: Forecaster, windows: SalesWindows) -> ForecastErrors: ...
def forecast_errors(actual: ArrayLike, forecast: ArrayLike) -> ForecastErrors: ...

# ---------------------------------------------------------------- evaluation

class LeaveOneOut:
    @overload
    def __init__(
        self,
        held_out: Baskets,
        catalogue: ArrayLike | None = ...,
        *,
        longest_basket: int = ...,
        max_cases: int = ...,
    ) -> None: ...
    @overload
    def __init__(self, catalogue: NDArray[np.bool_]) -> None: ...
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
    k: int = ...,
    threads: int = ...,
    progress: _Progress = ...,
) -> RankingReport: ...
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
    k: int = ...,
    query_items: _QueryItems = ...,
    sold: Cooccurrence | None = ...,
    threads: int = ...,
    progress: _Progress = ...,
) -> BasketReport: ...

# ---------------------------------------------------------------- one file

class Bundle:
    def __init__(self) -> None: ...
    def add(self, name: str, model: Model) -> None: ...
    def get(self, name: str) -> Any: ...
    def names(self) -> list[str]: ...
    def kind(self, name: str) -> str: ...
    def signature(self, name: str) -> str: ...
    def __len__(self) -> int: ...
    def __contains__(self, name: str) -> bool: ...
    def save(self, path: _Path) -> None: ...
    def serialize(self) -> bytes: ...
    @staticmethod
    def open(path: _Path) -> Bundle: ...
    @staticmethod
    def parse(file: bytes) -> Bundle: ...

# ---------------------------------------------------------------- the engine in the shop

class Stock:
    def set(self, item: int, units: float) -> None: ...
    def set_smallest(self, item: int, units: float) -> None: ...
    def forget(self, item: int) -> None: ...
    def units(self, item: int) -> float | None: ...
    def available(self, item: int) -> bool: ...
    @property
    def items(self) -> int: ...

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

class Slate:
    @property
    def picks(self) -> list[Pick]: ...
    @property
    def answered_by(self) -> Literal["blend", "popularity", "none"]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, i: int) -> Pick: ...

class Forecast:
    @property
    def units(self) -> float: ...
    @property
    def answered_by(self) -> Literal[
        "network", "intermittent", "factor_mean", "weekday_mean", "mean", "last_day", "none"
    ]: ...

class Till:
    def __init__(
        self, bundle: Bundle, *, weights: TillWeights | None = ..., max_picks: int = ...
    ) -> None: ...
    @staticmethod
    def open(
        path: _Path, *, weights: TillWeights | None = ..., max_picks: int = ...
    ) -> Till: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def stock(self) -> Stock: ...
    def recommend(
        self,
        basket: Iterable[_Item] = ...,
        k: int = ...,
        viewed: _Item | None = ...,
        customer: int | None = ...,
    ) -> Slate: ...
    def search(
        self,
        text: str,
        k: int = ...,
        basket: Iterable[_Item] = ...,
        viewed: _Item | None = ...,
        customer: int | None = ...,
    ) -> Slate: ...
    def forecast(self, item: _Item) -> Forecast: ...
    def quantiles(self, item: str | int, levels: Sequence[float]) -> _Floats: ...
    def set_covariate(
        self, name: str, day: date, value: float, item: str | int | None = ...
    ) -> None: ...
    def forecast_day(self) -> date | None: ...
    def observe(
        self,
        when: date,
        lines: Iterable[tuple[_Item] | tuple[_Item, _Number] | tuple[_Item, _Number, _Number]],
        customer: int | None = ...,
    ) -> None: ...
    def close_day(self) -> None: ...
    def describe(self, reason: Reason) -> str: ...
