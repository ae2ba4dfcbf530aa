"""One chart specification everywhere: tables → ``Chart`` (an ECharts option as plain JSON), drawn without a browser.

The page gives ``Chart.option`` to ECharts as it is; the report embeds ``svg(chart)``. Custom series that an option names
(``chainsim.cell``, ``chainsim.bar``, ``chainsim.parcel``) are in the ECharts subset that the package ships.
"""

from chainsim.charts.chances import Interval, intervals_chart, lever_chart
from chainsim.charts.chart import Chart, Option
from chainsim.charts.comparing import Lever, order_chart, tornado_chart, variants_chart
from chainsim.charts.completion import Step, completion_chart, waterfall_chart, waterfall_steps
from chainsim.charts.moves import batches_chart, trains_chart
from chainsim.charts.network import network_chart
from chainsim.charts.outages import Outage, outages_of
from chainsim.charts.palette import scenario_colour
from chainsim.charts.rendering import echarts_source, font_note, has_chinese_font, png, svg
from chainsim.charts.stocks import fan_chart, stock_chart

__all__ = [
    "Chart",
    "Option",
    "stock_chart",
    "fan_chart",
    "completion_chart",
    "waterfall_chart",
    "waterfall_steps",
    "Step",
    "network_chart",
    "batches_chart",
    "trains_chart",
    "tornado_chart",
    "Lever",
    "order_chart",
    "variants_chart",
    "intervals_chart",
    "Interval",
    "lever_chart",
    "Outage",
    "outages_of",
    "scenario_colour",
    "svg",
    "png",
    "echarts_source",
    "has_chinese_font",
    "font_note",
]
