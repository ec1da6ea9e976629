import { createRequire } from 'node:module';
import { join } from 'node:path';

import { CONTENDERS } from './contenders.mjs';
import { FOLDER } from './install.mjs';

const WIDTH = 760;
const HEIGHT = 300;

/**
 * Draws what four metrics add to a call of an async method, as an SVG bar chart. The chart library is installed with the
 * alternatives.
 */
export function drawChart({ calls }) {
  const echarts = createRequire(join(FOLDER, 'package.json'))('echarts');
  const chart = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: HEIGHT,
  });
  const bars = CONTENDERS.map((contender) => {
    const { bare, measured } = calls.result[contender.name];
    return { name: contender.name, value: Math.round(measured - bare) };
  }).toSorted((a, b) => b.value - a.value);
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: {
      text: 'What four metrics add to a call of an async method, in nanoseconds',
      textStyle: { fontSize: 14, fontWeight: 'normal', color: '#24292f' },
      left: 8,
      top: 8,
    },
    grid: { left: 230, right: 60, top: 44, bottom: 16 },
    xAxis: { type: 'value', show: false },
    yAxis: {
      type: 'category',
      data: bars.map(({ name }) => name),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: '#24292f', fontSize: 12 },
    },
    series: [
      {
        type: 'bar',
        barWidth: 20,
        label: { show: true, position: 'right', color: '#24292f' },
        data: bars.map(({ name, value }) => ({
          value,
          itemStyle: { color: name === CONTENDERS[0].name ? '#0b7285' : '#adb5bd' },
        })),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
