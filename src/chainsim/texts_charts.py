"""Texts of charts, in English and Chinese; see ``chainsim.texts``."""

from __future__ import annotations

CHART_TEXTS: dict[str, tuple[str, str]] = {
    "chart.stock": ("stock", "库存"),
    "chart.safe_fill": ("safe fill", "安全库容"),
    "chart.high_high": ("high-high level", "高高液位"),
    "chart.heel": ("heel", "底油"),
    "chart.shade": ("outage downstream", "下游停运或受限"),
    "chart.full": ("full {at}", "{at} 胀库"),
    "chart.full_in": ("full {at}, in {hours} h", "{at} 胀库，距今 {hours} 小时"),
    "chart.full_after": ("full {at}, {hours} h after: {what}", "{at} 胀库，{what}后 {hours} 小时"),
    "chart.stopped": ("{asset} stopped", "{asset}停运"),
    "chart.limited": ("{asset} at {remaining:.0%}", "{asset}限至 {remaining:.0%}"),
    "chart.until_end": ("end of run", "期末"),
    "chart.stock_alt": (
        "Stock, {holder}, {span}: {first:,.0f} to {last:,.0f} t ({lowest:,.0f} to {highest:,.0f}) of {safe_fill:,.0f} t. {told}",
        (
            "{holder}库存，{span}：{first:,.0f} 至 {last:,.0f} t，低 {lowest:,.0f}，高 {highest:,.0f}；"
            "安全库容 {safe_fill:,.0f}。{told}"
        ),
    ),
    "chart.never_full": ("Never full.", "未胀库。"),
    "chart.median": ("median", "中位数"),
    "chart.quantiles": ("{low:.0%}–{high:.0%} of runs", "{low:.0%}–{high:.0%} 分位"),
    "chart.fan_alt": (
        "{name}: median {first:,.4g} {unit} at first, {last:,.4g} {unit} at last, then {low:,.4g} to {high:,.4g} at the widest.",
        "{name}：中位数由 {first:,.4g} {unit} 到 {last:,.4g} {unit}；期末最宽区间 {low:,.4g} 至 {high:,.4g}。",
    ),
    "chart.total": ("total", "合计"),
    "chart.completion_alt": (
        "Completion by customer and month, {span}. Lowest over the whole time: {worst}.",
        "分客户分月完成率，{span}。全期最低：{worst}。",
    ),
    "chart.plan": ("plan", "计划"),
    "chart.delivered": ("delivered", "完成"),
    "chart.over_lift": ("over-lift", "超量"),
    "chart.unplanned": ("unplanned", "计划外"),
    "chart.other_causes": ("{count} smaller causes", "其他 {count} 项原因"),
    "chart.axis_cut": ("t (axis begins at {start:,.0f})", "t（坐标轴自 {start:,.0f} 起）"),
    "chart.waterfall_alt": (
        "From plan to delivery, {who}, {period}: plan {plan:,.0f} t; {steps}; delivered {delivered:,.0f} t.",
        "计划到完成，{who}，{period}：计划 {plan:,.0f} t；{steps}；完成 {delivered:,.0f} t。",
    ),
    "chart.all_customers": ("all customers", "全部客户"),
    "chart.no_shortfall": ("nothing lost on the way", "无欠量"),
    "chart.flow": ("{kt:,.1f} kt/d", "{kt:,.1f} 千吨/日"),
    "chart.level": ("{share:.0%} · {kt:,.0f} kt", "{share:.0%} · {kt:,.0f} 千吨"),
    "chart.map_alt": (
        "Network, {span}: {suppliers} suppliers, {farms} farms, {customers} customers. Most flow: {largest}. Outages: {outages}.",
        "管网图，{span}：油源 {suppliers} 个，油库 {farms} 个，客户 {customers} 个。最大流量：{largest}。停运：{outages}。",
    ),
    "chart.map_values_alt": (
        "Network map coloured by {title}. Highest: {highest}.",
        "按{title}着色的管网图。最高：{highest}。",
    ),
    "chart.none": ("none", "无"),
    "chart.map_key": (
        "▲ supplier   ■ tank farm, level   ● customer, completion   ◆ railway   figures on lines: kt/d   × dashed red: outage",
        "▲ 油源   ■ 油库（液位）   ● 客户（完成率）   ◆ 铁路   线上数字：千吨/日   × 红色虚线：停运或受限",
    ),
    "chart.batches_alt": (
        "Batches in {lines}, {span}: {count} batches, {grades}; above each line its entrance, below its exit.",
        "{lines}批次图，{span}：共 {count} 批，{grades}；上沿为首端，下沿为末端。",
    ),
    "chart.trains_alt": (
        "Trains, {span}: {count} trains, {late} of them a day or more late.",
        "列车运行图，{span}：共 {count} 列，其中晚点一天以上 {late} 列。",
    ),
    "chart.on_time": ("from loading to arrival", "装车至到达"),
    "chart.late": ("a day or more late", "晚点一天以上"),
    "chart.intervals_alt": ("{name} over many runs: {told}", "{name}在多次运行中的分布：{told}"),
    "chart.nine_in_ten": ("9 in 10 runs", "九成运行"),
    "chart.half_of_runs": ("half of the runs", "半数运行"),
    "chart.lever_alt": ("{name} along {lever}: {told}", "{name}随{lever}变化：{told}"),
    "chart.tornado_low": ("at the low end", "取低值"),
    "chart.tornado_high": ("at the high end", "取高值"),
    "chart.tornado_alt": (
        "What moves {name}, the strongest first: {levers}. Now {value}.",
        "各因素对{name}的影响（由大到小）：{levers}。现值 {value}。",
    ),
    "chart.before": ("before", "调整前"),
    "chart.after": ("after", "调整后"),
    "chart.order_alt": ("The order's lines, before and after: {lines}.", "调整令各行，前后对照：{lines}。"),
    "chart.variants_alt": ("{name} in {variants}: {told}.", "{variants}的{name}：{told}。"),
    "chart.missing_font": (
        "no font with Chinese signs is installed: pictures will show boxes in their place (Debian: fonts-noto-cjk)",
        "未安装中文字体：图片中的汉字会显示为方框（Debian:fonts-noto-cjk）",
    ),
}
"""Key → (English, Chinese)."""
