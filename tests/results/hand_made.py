"""A run small enough to do by hand: one field, a trunk, a refinery on a spur and one on the rails, forty days."""

from __future__ import annotations

from datetime import date

from chainsim.model import (
    AdjustmentOrder,
    CashReceipt,
    Complaint,
    Customer,
    Disruption,
    Grade,
    Invoice,
    Label,
    OrderLine,
    Pipeline,
    PlanLine,
    Price,
    Profile,
    RailRoute,
    Railway,
    Scenario,
    Supplier,
    SurveyScore,
    TankFarm,
    Visit,
    WorkOrderStep,
)
from chainsim.records import (
    AccountRecord,
    BatchRecord,
    CashLog,
    CellLog,
    EventRecord,
    FlowLog,
    GradeBalance,
    LineLog,
    RunLog,
    TrainRecord,
)

END = 40.0
TRAIN_STARTS = tuple(5.0 * k for k in range(1, 8))
PURE, MIXED = 0, 1
MIXTURES = ((("tarim", 1.0),), (("tarim", 0.9), ("kazakh", 0.1)))


def scenario() -> Scenario:
    """1 January to 9 February 2008; the trunk is cut to 600 t/d on day 20."""
    january, february, march = date(2008, 1, 1), date(2008, 2, 1), date(2008, 3, 1)
    return Scenario(
        name="hand",
        start=january,
        end_day=END,
        grades=(
            Grade(name="tarim", density_kg_per_m3=868.0, label=Label("Tarim", "塔里木原油")),
            Grade(name="kazakh", density_kg_per_m3=850.0, label=Label("Kazakh", "哈国原油")),
        ),
        suppliers=(
            Supplier(
                name="lunnan",
                grade="tarim",
                farm="hub",
                production_t_per_day=Profile.constant(1000.0),
                label=Label("Lunnan", "轮南"),
            ),
        ),
        farms=(
            TankFarm(
                name="hub",
                storage="shared",
                safe_fill_t=Profile.constant(5000.0),
                heel_t={"tarim": 500.0},
                opening_t={"tarim": 1000.0},
                label=Label("Hub", "枢纽油库"),
            ),
            TankFarm(
                name="depot",
                storage="shared",
                safe_fill_t=Profile.constant(10_000.0),
                opening_t={"tarim": 2000.0, "kazakh": 2500.0},
                label=Label("Depot", "兰州油库"),
            ),
        ),
        pipelines=(
            Pipeline(
                name="trunk",
                origin="hub",
                destination="depot",
                capacity_t_per_day=Profile.constant(800.0),
                minimum_t_per_day=700.0,
                line_fill_t=1000.0,
                contents_t=(("tarim", 1000.0),),
                loss_fraction=0.01,
                tariff_yuan_per_t=2.0,
                label=Label("Trunk", "干线"),
            ),
            Pipeline(
                name="spur",
                origin="depot",
                destination="alpha",
                capacity_t_per_day=Profile.constant(1000.0),
                tariff_yuan_per_t=10.0,
            ),
        ),
        railways=(
            Railway(
                name="rail",
                terminal="depot",
                spots=1,
                hours_per_train=12.0,
                paths_per_day=Profile.constant(4.0),
                wagons=100,
                wagons_per_train=20,
                tonnes_per_wagon=50.0,
                routes=(
                    RailRoute(
                        customer="beta", transit_days=3.0, cycle_days=7.0, loss_fraction=0.01, tariff_yuan_per_t=30.0
                    ),
                ),
                label=Label("Rail", "兰州铁路"),
            ),
        ),
        customers=(
            Customer(
                name="alpha",
                customer_class="petrochina",
                grades=("tarim", "kazakh"),
                safe_fill_t=Profile.constant(5000.0),
                heel_t={"tarim": 100.0},
                opening_t={"tarim": 1000.0, "kazakh": 100.0},
                label=Label("Alpha refinery", "甲炼厂"),
                archive={"owner": "=cmd()", "capacity_t": "6500", "relationship": "firm", "region": "Gansu"},
            ),
            Customer(
                name="beta",
                customer_class="local",
                grades=("tarim",),
                safe_fill_t=Profile.constant(4000.0),
                opening_t={"tarim": 1500.0},
                runs_t_per_day=Profile.constant(150.0),
                offtake="cash",
                cash_yuan=1_000_000.0,
                income_yuan_per_day=Profile.constant(500_000.0),
                label=Label("Beta refinery", "乙炼厂"),
            ),
        ),
        plan=(
            PlanLine(customer="alpha", grade="tarim", level="month", start=january, end=february, tonnes=15_500.0),
            PlanLine(
                customer="beta", grade="tarim", level="ten_day", start=january, end=date(2008, 1, 11), tonnes=3000.0
            ),
            PlanLine(
                customer="beta",
                grade="tarim",
                level="ten_day",
                start=date(2008, 1, 11),
                end=date(2008, 1, 21),
                tonnes=2000.0,
            ),
            PlanLine(
                customer="beta", grade="tarim", level="ten_day", start=date(2008, 1, 21), end=february, tonnes=2000.0
            ),
            PlanLine(customer="beta", grade="tarim", level="month", start=february, end=march, tonnes=6380.0),
        ),
        orders=(
            AdjustmentOrder(
                number="2008-1",
                issued=date(2008, 1, 18),
                effective_day=20.0,
                state="approved",
                lines=(
                    OrderLine(
                        customer="beta",
                        grade="tarim",
                        level="ten_day",
                        start=date(2008, 1, 21),
                        end=february,
                        tonnes=1000.0,
                    ),
                ),
                reason="trunk",
            ),
        ),
        prices=(
            Price(grade="tarim", day=0.0, yuan_per_t=4000.0),
            Price(grade="tarim", day=10.5, yuan_per_t=5000.0),
        ),
        receipts=(CashReceipt(customer="beta", day=31.0, yuan=2_000_000.0),),
        disruptions=(Disruption(name="cut", asset="trunk", start=20.0, end=END, remaining=0.75, cause="pipeline"),),
        label=Label("Hand-made", "手算"),
        visits=(
            Visit(customer="alpha", planned=date(2007, 12, 10), visited=date(2007, 12, 11), report=date(2007, 12, 20)),
            Visit(customer="alpha", planned=date(2008, 1, 15), visited=date(2008, 1, 30), purpose="plan"),
            Visit(customer="beta", planned=date(2008, 1, 20), visited=date(2008, 2, 20), report=date(2008, 2, 21)),
            Visit(customer="beta", planned=date(2008, 3, 1), visitor="Li"),
        ),
        complaints=(
            Complaint(
                number="1", customer="alpha", received=date(2007, 12, 30), kind="quality", text="water", unit="lab",
                answered=date(2008, 1, 2), result="retested", closed=date(2008, 1, 9),
            ),
            Complaint(
                number="2", customer="beta", received=date(2008, 1, 10), kind="service", text="late",
                answered=date(2008, 1, 12), result="told daily", closed=date(2008, 2, 15),
            ),
            Complaint(number="3", customer="beta", received=date(2008, 2, 1), kind="safety", text="=leak()"),
            Complaint(number="4", customer="beta", received=date(2008, 2, 10), kind="quantity", text="short"),
        ),
        surveys=(
            SurveyScore(customer="alpha", on=date(2008, 1, 25), dimension="quality", score=90.0),
            SurveyScore(customer="alpha", on=date(2007, 6, 1), dimension="quality", score=70.0),
            SurveyScore(customer="alpha", on=date(2007, 6, 1), dimension="safety", score=80.0),
            SurveyScore(customer="alpha", on=date(2008, 2, 10), dimension="safety", score=10.0),
        ),
        invoices=(
            Invoice(number="1", customer="beta", due=date(2007, 12, 15), yuan=100.0, paid=date(2007, 12, 25)),
            Invoice(number="2", customer="beta", due=date(2008, 1, 15), yuan=200.0, paid=date(2008, 1, 15)),
            Invoice(number="3", customer="beta", due=date(2008, 2, 5), yuan=300.0, paid=date(2008, 2, 11)),
            Invoice(number="4", customer="beta", due=date(2008, 2, 9), yuan=400.0),
        ),
        work_order_log=(
            WorkOrderStep(work_order="w1", step="dispatch", on=date(2008, 2, 1), by="Wang", text="to the lab"),
            WorkOrderStep(work_order="w1", step="reply", on=date(2008, 2, 10)),
        ),
    )  # fmt: skip


def log() -> RunLog:
    """The run, as the engine would tell it."""
    return RunLog(
        begin_day=0.0,
        end_day=END,
        mixtures=MIXTURES,
        cells=_cells(),
        flows=_flows(),
        lines=(
            LineLog(pipeline="trunk", line_fill_t=1000.0, opening_t={"tarim": 1000.0}, closing_t={"tarim": 1000.0}),
        ),
        batches=(
            BatchRecord(
                pipeline="trunk",
                number=1,
                grade="tarim",
                scheduled_t=16_000.0,
                pumped_t=16_000.0,
                entry_start_day=0.0,
                entry_end_day=20.0,
                exit_start_day=1.25,
                exit_end_day=20.0 + 1000.0 / 600.0,
            ),
            BatchRecord(
                pipeline="trunk",
                number=2,
                grade="tarim",
                scheduled_t=16_000.0,
                pumped_t=12_000.0,
                entry_start_day=20.0,
                entry_end_day=None,
                exit_start_day=20.0 + 1000.0 / 600.0,
                exit_end_day=None,
            ),
        ),
        trains=tuple(
            TrainRecord(
                railway="rail",
                number=k + 1,
                customer="beta",
                grade="tarim",
                wagons=20,
                loaded_t=1000.0,
                arrived_t=990.0,
                due_day=start - 1.0,
                loading_start_day=start,
                loading_end_day=start + 0.5,
                departure_day=start + 0.75,
                arrival_day=start + 3.75,
                unloaded_day=start + 3.75,
                wagons_back_day=start + 7.75 if start + 7.75 < END else None,
            )
            for k, start in enumerate(TRAIN_STARTS)
        ),
        accounts=_accounts(),
        cash=(
            CashLog(
                customer="beta",
                days=(0.0, 31.0, 31.0, 40.0),
                yuan=(1_000_000.0, 1_500_000.0, 3_500_000.0, 4_000_000.0),
            ),
        ),
        events=(
            EventRecord(day=20.0, kind="outage_began", asset="trunk", detail="cut", value=0.75),
            EventRecord(day=20.0, kind="tank_full", asset="hub", value=5000.0),
            EventRecord(day=20.0, kind="curtailed", asset="lunnan", grade="tarim", value=400.0),
        ),
        balance=_balance(),
        event_count=42,
    )


def _flow(asset: str, kind: str, origin: str, destination: str, rates: tuple[tuple[float, float, float], ...],
          mixture: int = PURE, loss: float = 0.0) -> FlowLog:  # fmt: skip
    """``rates``: (day, rate, request); the plan's own rate is the request."""
    return FlowLog(
        asset=asset,
        kind=kind,  # type: ignore[arg-type]
        origin=origin,
        destination=destination,
        loss_fraction=loss,
        days=tuple(d for d, _, _ in rates),
        rate=tuple(r for _, r, _ in rates),
        request=tuple(q for _, _, q in rates),
        nominal=tuple(q for _, _, q in rates),
        into=(mixture,) * len(rates),
        out_of=(mixture,) * len(rates),
    )


def _flows() -> tuple[FlowLog, ...]:
    loading = [(0.0, 0.0, 0.0)]
    for start in TRAIN_STARTS:
        loading += [(start, 2000.0, 2000.0), (start + 0.5, 0.0, 0.0)]
    return (
        _flow("lunnan", "supply", "lunnan", "hub", ((0.0, 1000.0, 1000.0), (20.0, 600.0, 1000.0))),
        _flow("trunk", "line", "hub", "depot", ((0.0, 800.0, 800.0), (20.0, 600.0, 800.0)), loss=0.01),
        _flow("spur", "line", "depot", "alpha", ((0.0, 500.0, 500.0),), mixture=MIXED),
        _flow("rail.rack", "loading", "depot", "rail.rack", tuple(loading)),
        _flow("alpha", "runs", "alpha", "alpha", ((0.0, 500.0, 500.0),), mixture=MIXED),
        _flow("beta", "runs", "beta", "beta", ((0.0, 150.0, 150.0),)),
    )


def _cells() -> tuple[CellLog, ...]:
    depot, stock, day = [(0.0, 2000.0)], 2000.0, 0.0
    for when in sorted({20.0, END, *TRAIN_STARTS, *(s + 0.5 for s in TRAIN_STARTS)}):
        inflow = 792.0 if day < 20.0 else 594.0
        loading = 2000.0 if day in TRAIN_STARTS else 0.0
        stock += (inflow - 450.0 - loading) * (when - day)
        day = when
        depot.append((day, stock))
    beta, stock, day = [(0.0, 1500.0)], 1500.0, 0.0
    for start in TRAIN_STARTS:
        stock -= 150.0 * (start + 3.75 - day)
        day = start + 3.75
        beta.append((day, stock))
        stock += 990.0
        beta.append((day, stock))
    beta.append((END, stock - 150.0 * (END - day)))
    return (
        _cell("hub", "farm", "tarim", [(0.0, 1000.0), (20.0, 5000.0), (END, 5000.0)]),
        _cell("depot", "farm", "tarim", depot),
        _cell("depot", "farm", "kazakh", [(0.0, 2500.0), (END, 500.0)]),
        _cell("alpha", "customer", "tarim", [(0.0, 1000.0), (END, 1000.0)]),
        _cell("alpha", "customer", "kazakh", [(0.0, 100.0), (END, 100.0)]),
        _cell("beta", "customer", "tarim", beta),
    )


def _cell(holder: str, kind: str, grade: str, points: list[tuple[float, float]]) -> CellLog:
    return CellLog(
        holder=holder,
        holder_kind=kind,  # type: ignore[arg-type]
        grade=grade,
        days=tuple(d for d, _ in points),
        tonnes=tuple(t for _, t in points),
    )


def _account(customer: str, grade: str, month: int, plan: float, original: float, loaded: float, delivered: float,
             causes: tuple[tuple[tuple[str, str], float], ...] = ()) -> AccountRecord:  # fmt: skip
    return AccountRecord(
        customer=customer,
        grade=grade,
        month=month,
        start_day=(0.0, 31.0)[month],
        end_day=(31.0, END)[month],
        plan_t=plan,
        original_t=original,
        loaded_t=loaded,
        arrived_t=delivered,
        delivered_t=delivered,
        actual_t=0.0,
        causes=causes,
    )


def _accounts() -> tuple[AccountRecord, ...]:
    return (
        _account("alpha", "tarim", 0, 15_500.0, 15_500.0, 13_950.0, 13_950.0, ((("pipeline", "trunk"), 1550.0),)),
        _account("alpha", "kazakh", 0, 0.0, 0.0, 1550.0, 1550.0),
        _account(
            "beta",
            "tarim",
            0,
            6000.0,
            7000.0,
            6000.0,
            4950.0,
            ((("customer_cash", "beta"), 60.0), (("in_transit", "rail.beta"), 990.0)),
        ),
        _account("alpha", "tarim", 1, 0.0, 0.0, 4050.0, 4050.0),
        _account("alpha", "kazakh", 1, 0.0, 0.0, 450.0, 450.0),
        _account("beta", "tarim", 1, 1980.0, 1980.0, 1000.0, 1980.0),
    )


def _balance() -> tuple[GradeBalance, ...]:
    last = {(c.holder, c.grade): c.tonnes[-1] for c in _cells()}
    return (
        GradeBalance(
            grade="tarim",
            opening_stock_t=5500.0,
            opening_line_fill_t=1000.0,
            opening_in_trains_t=0.0,
            supplied_t=32_000.0,
            processed_t=450.0 * END + 150.0 * END,
            lost_t=280.0 + 70.0,
            closing_stock_t=sum(t for (_, grade), t in last.items() if grade == "tarim"),
            closing_line_fill_t=1000.0,
            closing_in_trains_t=0.0,
            curtailed_t=8000.0,
            produced_t=40_000.0,
        ),
        GradeBalance(
            grade="kazakh",
            opening_stock_t=2600.0,
            opening_line_fill_t=0.0,
            opening_in_trains_t=0.0,
            supplied_t=0.0,
            processed_t=50.0 * END,
            lost_t=0.0,
            closing_stock_t=600.0,
            closing_line_fill_t=0.0,
            closing_in_trains_t=0.0,
            curtailed_t=0.0,
            produced_t=0.0,
        ),
    )
