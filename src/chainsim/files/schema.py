"""JSON Schema of scenario files, for completion and checks in an editor."""

from __future__ import annotations

from copy import deepcopy
from typing import Any


def scenario_schema() -> dict[str, Any]:
    """The schema of ``scenario.yaml``: a file that has ``extends`` is an overlay, where nothing is required and null removes."""
    from chainsim.files.documents import ScenarioDocument

    base = ScenarioDocument.model_json_schema(by_alias=True)
    definitions = base.pop("$defs")
    overlay_definitions = {f"Overlay{name}": _overlay(deepcopy(body)) for name, body in definitions.items()}
    overlay = _overlay(deepcopy(base))
    extends = {"type": "string", "description": "a folder, a .yaml or a workbook, seen from this file"}
    overlay["properties"] = {"extends": extends, **overlay["properties"]}
    overlay["required"] = ["extends"]
    overlay["title"] = "A chainsim overlay"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chainsim scenario.yaml",
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Overlay"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": {"Scenario": base, "Overlay": overlay, **definitions, **overlay_definitions},
    }


_MERGED = (
    "GradeDocument",
    "FarmDocument",
    "SupplierDocument",
    "PipelineDocument",
    "RailwayDocument",
    "RouteDocument",
    "CustomerDocument",
)


def _overlay(body: Any) -> Any:
    """References to assets become references to their overlay twins, nullable; their keys are no longer required."""
    if isinstance(body, list):
        return [_overlay(member) for member in body]
    if not isinstance(body, dict):
        return body
    out = {key: _overlay(value) for key, value in body.items()}
    reference = str(body.get("$ref", ""))
    name = reference.rpartition("/")[2]
    if name in _MERGED:
        return {"anyOf": [{"$ref": f"#/$defs/Overlay{name}"}, {"type": "null"}]}
    if "properties" in out and out.get("type") == "object":
        out.pop("required", None)
    return out
