"""Decision tables: sheets of conditions and conclusions, as DMN has them, read, checked, linted and turned into expressions."""

from chainsim.rules.decisions.cells import Operand
from chainsim.rules.decisions.outputs import OutputSpec
from chainsim.rules.decisions.reading import Check, DecisionReading, DecisionSpec, hit_policy, read_decision
from chainsim.rules.decisions.table import (
    HITS,
    DecisionTable,
    Hit,
    Input,
    Matching,
    Miss,
    Output,
    Row,
    matching_rows,
    output_node,
    row_condition,
)

__all__ = [
    "HITS",
    "Check",
    "DecisionReading",
    "DecisionSpec",
    "DecisionTable",
    "Hit",
    "Input",
    "Matching",
    "Miss",
    "Operand",
    "Output",
    "OutputSpec",
    "Row",
    "hit_policy",
    "matching_rows",
    "output_node",
    "read_decision",
    "row_condition",
]
