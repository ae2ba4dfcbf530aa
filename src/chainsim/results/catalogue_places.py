"""The table ``network``, declared: what stands where and leads where, for whoever draws it."""

from __future__ import annotations

from chainsim.results.catalogue_network import ASSET_KINDS
from chainsim.results.declarations import Column, Table

PLACE_KINDS: dict[str, tuple[str, str]] = {
    **{name: texts for name, texts in ASSET_KINDS.items() if name != "grade"},
    "route": ("rail route", "铁路去向"),
}

NETWORK = Table(
    "network", "Network", "管网", "One place or link: where it stands, or from where to where it leads",
    "一个地点或通道：位置，或起止地点",
    (
        Column(
            "asset", "text", "", "Asset", "设施", "The asset's name; of a rail route RAILWAY.CUSTOMER",
            "设施代号；铁路去向为“铁路.客户”", key=True,
        ),
        Column("kind", "name", "", "Kind", "类型", "What it is", "类型", domain="place_kind", values=PLACE_KINDS),
        Column("origin", "text", "", "From", "起点", "Where a link begins; empty for places", "通道起点；地点为空"),
        Column("destination", "text", "", "To", "终点", "Where a link, or a supplier's crude, goes", "通道或油源的去处"),
        Column("latitude", "number", "°", "Latitude", "纬度", "North positive; null where not given", "北纬为正；未给为空"),
        Column("longitude", "number", "°", "Longitude", "经度", "East positive; null where not given", "东经为正；未给为空"),
    ),
)  # fmt: skip
