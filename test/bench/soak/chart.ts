/** Lines over time as one SVG that is read on light and dark pages: a panel for each unit, one below the other. */
export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** Minutes and value. */
  readonly points: readonly (readonly [number, number])[];
}

const WIDTH = 840;
const PANEL_HEIGHT = 130;
const PLOT = { left: 64, right: 16, top: 28, bottom: 22 };
const STYLE = `
  .ground { fill: #ffffff } .grid { stroke: #d8dee4 } text { fill: #1f2328; font: 12px system-ui, sans-serif }
  .faint { fill: #59636e } polyline { fill: none; stroke-width: 1.5 } .line0 { stroke: #0969da } .line1 { stroke: #bc4c00 }
  .name0 { fill: #0969da } .name1 { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .grid { stroke: #30363d } text { fill: #e6edf3 } .faint { fill: #9198a1 }
    .line0 { stroke: #58a6ff } .line1 { stroke: #f0883e } .name0 { fill: #58a6ff } .name1 { fill: #f0883e }
  }`;

export function chart(title: string, panels: readonly Panel[]): string {
  const height = panels.length * PANEL_HEIGHT;
  const lastMinute = Math.max(1, ...panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(([minute]) => minute))));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${height}"/>
${panels.map((panel, index) => `<g transform="translate(0 ${index * PANEL_HEIGHT})">\n${drawPanel(panel, lastMinute)}\n</g>`).join('\n')}
</svg>
`;
}

function drawPanel({ title, lines }: Panel, lastMinute: number): string {
  const { step, top } = ticks(Math.max(...lines.flatMap(({ points }) => points.map(([, value]) => value))), 3);
  const x = (minute: number): number => round(PLOT.left + (minute / lastMinute) * (WIDTH - PLOT.left - PLOT.right));
  const y = (value: number): number => round(PANEL_HEIGHT - PLOT.bottom - (value / top) * (PANEL_HEIGHT - PLOT.top - PLOT.bottom));
  const parts = [`<text x="8" y="18">${escaped(title)}</text>`];
  for (let value = 0; value <= top + step / 2; value += step) {
    parts.push(`<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y(value)}" y2="${y(value)}"/>`);
    parts.push(
      `<text class="faint" text-anchor="end" x="${PLOT.left - 8}" y="${y(value) + 4}">${Number(value.toPrecision(6)).toLocaleString('en')}</text>`,
    );
  }
  lines.forEach(({ name, points }, index) => {
    if (lines.length > 1)
      parts.push(
        `<text class="name${index}" text-anchor="end" x="${WIDTH - PLOT.right - 60 * (lines.length - 1 - index)}" y="18">${escaped(name)}</text>`,
      );
    parts.push(`<polyline class="line${index}" points="${points.map(([minute, value]) => `${x(minute)},${y(value)}`).join(' ')}"/>`);
  });
  const across = ticks(lastMinute, 6);
  for (let minute = 0; minute <= lastMinute; minute += across.step) {
    parts.push(`<text class="faint" text-anchor="middle" x="${x(minute)}" y="${PANEL_HEIGHT - 6}">${Number(minute.toPrecision(6))} min</text>`);
  }
  return parts.join('\n');
}

/** Steps of 1, 2 or 5 and zeros, about so many of them up to the largest value. */
function ticks(most: number, count: number): { step: number; top: number } {
  const rough = Math.max(most, 1e-9) / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5].find((factor) => factor * unit >= rough) ?? 10);
  return { step, top: Math.ceil(Math.max(most, 1e-9) / step) * step };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
