"""The physical network: grades, suppliers, tank farms, pipelines, railways and customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chainsim.model.profile import Profile

Storage = Literal["shared", "own", "blended", "junction"]
CustomerClass = Literal["petrochina", "sinopec", "local"]
LineMode = Literal["batch", "blend", "parallel"]
Dispatch = Literal["plan", "push"]


@dataclass(frozen=True, slots=True)
class Label:
    """How an asset is called in a table or on a page, in both languages; empty means its ``name``."""

    en: str = ""
    zh: str = ""

    def text(self, lang: str, name: str) -> str:
        """The label in ``lang`` ("en" or "zh"), or ``name`` where none was given."""
        return (self.zh if lang == "zh" else self.en) or self.en or name


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A crude by its origin."""

    name: str
    density_kg_per_m3: float
    label: Label = Label()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A fixed intake point where one grade is bought outright (买断) and enters a tank farm.

    ``production_t_per_day`` is what the field can deliver; what exceeds the room in the farm is curtailed (shut in).
    The purchase plan stands in ``Scenario.purchases``; where a month has none, the plan is the production profile.
    """

    name: str
    grade: str
    farm: str
    production_t_per_day: Profile
    label: Label = Label()


@dataclass(frozen=True, slots=True, kw_only=True)
class TankFarm:
    """Tanks at one place.

    ``storage``: ``shared`` = grades kept apart, one limit for their sum; ``own`` = grades kept apart, each with its limit
    in ``grade_safe_fill_t``; ``blended`` = one mixture; ``junction`` = no tank at all, what comes in goes out at once.
    ``safe_fill_t`` is the largest total content (a profile: tanks are added or taken out). ``heel_t`` is dead stock that
    cannot be pumped, by grade (for ``blended``: under the key ""). ``opening_t`` is the content by grade at the
    scenario's start, heel included.
    """

    name: str
    storage: Storage
    safe_fill_t: Profile
    grade_safe_fill_t: dict[str, float] = field(default_factory=dict)
    heel_t: dict[str, float] = field(default_factory=dict)
    opening_t: dict[str, float] = field(default_factory=dict)
    label: Label = Label()
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A line from a farm to a farm or a customer, always full: what enters pushes as much out at the other end.

    ``mode``: ``batch`` = one grade at a time, FIFO; ``blend`` = a mixture, FIFO; ``parallel`` = the grades share the
    capacity but do not queue behind one another (short connections, or lines of one grade).
    ``dispatch``: ``plan`` = pumps what the plan in force asks for through it; ``push`` = pumps all it can (evacuation).
    ``carry_over``: for ``plan`` lines, tonnes a month failed to pump stay due in the next (else they lapse).
    ``contents_t`` lists (grade, tonnes) from the exit back to the entrance and sums to ``line_fill_t``; for ``parallel``
    the order has no meaning. ``minimum_t_per_day`` is the minimum safe throughput 最低安全输量: the line asks for at least this
    much; where it cannot run so fast the hours below are reported. ``loss_fraction`` is lost at the exit.
    """

    name: str
    origin: str
    destination: str
    capacity_t_per_day: Profile
    mode: LineMode = "parallel"
    dispatch: Dispatch = "plan"
    grades: tuple[str, ...] = ()
    carry_over: bool = False
    minimum_t_per_day: float = 0.0
    minimum_batch_t: float = 0.0
    line_fill_t: float = 0.0
    contents_t: tuple[tuple[str, float], ...] = ()
    schedule: tuple[tuple[str, float], ...] = ()
    """A given batch schedule (grade, tonnes) in pumping order; empty: derived from the plan in force."""
    loss_fraction: float = 0.0
    tariff_yuan_per_t: float = 0.0
    priority: int | None = None
    """Class in apportionment, 1 first; ``None``: the best class among the customers it serves."""
    length_km: float | None = None
    carrier: str = ""
    label: Label = Label()


@dataclass(frozen=True, slots=True, kw_only=True)
class RailRoute:
    """One destination served from a railway's rack."""

    customer: str
    transit_days: float
    cycle_days: float
    """From a train's departure until its wagons are back at the rack, unloading and return included (> transit)."""
    loss_fraction: float = 0.0
    tariff_yuan_per_t: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Railway:
    """A loading rack at a terminal farm with its daily paths and its wagon fleet, shared by all routes.

    Trains are discrete. A train needs a free spot for ``hours_per_train``, then the next free path, then travels;
    its wagons are back after the route's cycle. Paths are evenly spaced over the day.
    Disruptable assets: ``NAME`` (everything), ``NAME.rack``, ``NAME.paths``, ``NAME.CUSTOMER`` (one route).
    """

    name: str
    terminal: str
    spots: int
    hours_per_train: float
    paths_per_day: Profile
    wagons: int
    wagons_per_train: int
    tonnes_per_wagon: float
    routes: tuple[RailRoute, ...]
    carrier: str = ""
    label: Label = Label()

    @property
    def train_t(self) -> float:
        """Tonnes in a full train."""
        return self.wagons_per_train * self.tonnes_per_wagon


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A refinery with its tankage, runs and way of taking oil.

    ``runs_t_per_day``: what it processes of this seller's crude; ``None``: at the rate of its plan in force.
    ``slate``: shares of ``grades`` in its runs, summing to 1; empty: in proportion to its plan.
    ``storage``, ``safe_fill_t``, ``heel_t``, ``opening_t`` as for a farm (no ``junction``).
    ``offtake``: ``plan`` = takes what the plan gives; ``cash`` = prepays, so takes no more than its cash affords.
    ``cash_yuan`` is the opening balance, ``income_yuan_per_day`` what its sales bring; dated receipts stand in
    ``Scenario.receipts``. ``delivery_point``: where the plan counts a tonne: ``arrival`` at the refinery, or ``loading``.
    """

    name: str
    customer_class: CustomerClass
    grades: tuple[str, ...]
    safe_fill_t: Profile
    storage: Literal["shared", "own", "blended"] = "shared"
    grade_safe_fill_t: dict[str, float] = field(default_factory=dict)
    heel_t: dict[str, float] = field(default_factory=dict)
    opening_t: dict[str, float] = field(default_factory=dict)
    runs_t_per_day: Profile | None = None
    slate: dict[str, float] = field(default_factory=dict)
    offtake: Literal["plan", "cash"] = "plan"
    cash_yuan: float = 0.0
    income_yuan_per_day: Profile = Profile.constant(0.0)
    priority: int = 1
    delivery_point: Literal["loading", "arrival"] = "arrival"
    settlement: str = ""
    label: Label = Label()
    latitude: float | None = None
    longitude: float | None = None
    archive: dict[str, str] = field(default_factory=dict)
    """Further columns of the customer table (processing capacity, owner, contacts…), as text, for rules to read."""
