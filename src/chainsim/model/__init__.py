"""What a scenario *is*: frozen values in tonnes and days, and the checks across them.

Nothing here knows a file format, a clock or the engine. Every amount is in tonnes, every time in days since the
scenario's first midnight (``Scenario.start``), every rate in tonnes per day, every price in yuan per tonne.
"""

from chainsim.model.assets import (
    Customer,
    Grade,
    Label,
    Pipeline,
    RailRoute,
    Railway,
    Supplier,
    TankFarm,
)
from chainsim.model.plan import AdjustmentOrder, OrderLine, PlanLine, PurchaseLine
from chainsim.model.profile import Profile
from chainsim.model.scenario import (
    ActualDelivery,
    ActualStock,
    CashReceipt,
    Disruption,
    Distribution,
    Price,
    RandomDisruption,
    Scenario,
)
from chainsim.model.service import Complaint, Invoice, SurveyScore, Visit, WorkOrderStep

__all__ = [
    "ActualDelivery",
    "ActualStock",
    "AdjustmentOrder",
    "CashReceipt",
    "Complaint",
    "Customer",
    "Disruption",
    "Distribution",
    "Grade",
    "Invoice",
    "Label",
    "OrderLine",
    "Pipeline",
    "PlanLine",
    "Price",
    "Profile",
    "PurchaseLine",
    "RailRoute",
    "Railway",
    "RandomDisruption",
    "Scenario",
    "Supplier",
    "SurveyScore",
    "TankFarm",
    "Visit",
    "WorkOrderStep",
]
