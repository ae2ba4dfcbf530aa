// What the page, the report and the pictures need of Apache ECharts, and the two shapes of our own that an option can name
// (`type: "custom", renderItem: "chainsim.bar"`), so that every option stays plain JSON.
import * as echarts from "echarts/core.js";
import { BarChart, CustomChart, GraphChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts.js";
import {
  AriaComponent, DataZoomComponent, GraphicComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent,
  MarkPointComponent, TitleComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components.js";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers.js";

echarts.use([
  BarChart, CustomChart, GraphChart, HeatmapChart, LineChart, ScatterChart,
  AriaComponent, DataZoomComponent, GraphicComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent,
  MarkPointComponent, TitleComponent, TooltipComponent, VisualMapComponent,
  CanvasRenderer, SVGRenderer,
]);

const PAD = 6;

// A text in the middle of a shape, or nothing where it does not fit.
function caption(api, text, x, y, room, fill) {
  const size = 11;
  let width = 0;
  for (const sign of text) width += sign.codePointAt(0) > 0x2e7f ? size : size * 0.58;
  if (!text || width + PAD > room) return [];
  return [{
    type: "text", silent: true,
    style: { text, x, y, fill, font: api.font({ fontSize: size }), align: "center", verticalAlign: "middle" },
  }];
}

// Not api.style(): it leaves the pattern out, and took most of the time of a chart of cells.
function styled(api) {
  return { fill: api.visual("color"), stroke: api.visual("borderColor"), lineWidth: 0.5, decal: api.visual("decal") };
}

// A cell of a table. Values: column, row, and the figure. encode: {x: 0, y: 1}.
echarts.registerCustomSeries("chainsim.cell", (params, api) => {
  const centre = api.coord([api.value(0), api.value(1)]);
  const [width, height] = api.size([1, 1]);
  const item = params.itemPayload || {};
  const texts = item.texts || [];
  return {
    type: "group",
    children: [
      { type: "rect", shape: { x: centre[0] - width / 2, y: centre[1] - height / 2, width, height }, style: styled(api) },
      ...caption(api, texts[params.dataIndex] || "", centre[0], centre[1], width, item.ink || "#000"),
    ],
  };
});

// Values: from, until (axis x), row (axis y), share of the row's height. encode: {x: [0, 1], y: 2}.
echarts.registerCustomSeries("chainsim.bar", (params, api) => {
  const from = api.coord([api.value(0), api.value(2)]);
  const until = api.coord([api.value(1), api.value(2)]);
  const height = api.size([0, 1])[1] * api.value(3);
  const box = params.coordSys;
  const left = Math.max(from[0], box.x);
  const width = Math.max(Math.min(until[0], box.x + box.width) - left, 1);
  if (until[0] < box.x || left > box.x + box.width) return null;
  const item = params.itemPayload || {};
  const ink = item.ink || "#000";
  const children = [
    { type: "rect", shape: { x: left, y: from[1] - height / 2, width, height }, style: styled(api) },
    ...caption(api, (item.texts || [])[params.dataIndex] || "", left + width / 2, from[1], width, ink),
  ];
  const end = (item.ends || [])[params.dataIndex]; // words beyond the end that the bar points to
  if (end) {
    const right = item.towards[params.dataIndex] > 0;
    const style = { text: end, fill: ink, font: api.font({ fontSize: 11 }), verticalAlign: "middle", y: from[1] };
    children.push({
      type: "text", silent: true,
      style: { ...style, x: right ? left + width + 4 : left - 4, align: right ? "left" : "right" },
    });
  }
  return { type: "group", children };
});

// Values: eight numbers, the corners (x, y) of a four-sided shape. encode: {x: [0, 2, 4, 6], y: [1, 3, 5, 7]}.
echarts.registerCustomSeries("chainsim.parcel", (params, api) => {
  const points = [0, 2, 4, 6].map((i) => api.coord([api.value(i), api.value(i + 1)]));
  const box = params.coordSys;
  const item = params.itemPayload || {};
  const texts = item.texts || [];
  const middle = [0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / 4);
  // Half-way down, less what a slanting side takes of a line of text.
  const slant = Math.abs((points[3][0] - points[0][0]) / (points[3][1] - points[0][1] || 1));
  const room = (points[1][0] + points[2][0] - points[0][0] - points[3][0]) / 2 - 12 * slant;
  const inside = middle[0] > box.x && middle[0] < box.x + box.width;
  return {
    type: "group",
    children: [
      { type: "polygon", shape: { points }, style: styled(api) },
      ...(inside ? caption(api, texts[params.dataIndex] || "", middle[0], middle[1], room, item.ink || "#000") : []),
    ],
  };
});

export * from "echarts/core.js";
