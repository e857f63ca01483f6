/** docs/images/statusline.svg: committed lines of the status line, drawn as a terminal has them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeHtml } from '../collector/api/reference/html.ts';

const LINES = join(import.meta.dirname, '../test/guard/client/golden/statusline-lines.txt');

/** By the name of the line there, what stands above it. */
const SHOWN: Readonly<Record<string, string>> = {
  'with a collector': 'The session, the day and the budget with the least left',
  'in color': 'The collector has been away for three minutes; the context is filling up',
  'nearly used up, in color': 'A budget that is nearly used up',
  'stopped, in color': 'A hard limit that is used up: the guard stops work',
  'no collector': "Without a collector: the client's own limits",
  '50 columns, in color': 'On a terminal of 50 columns',
};

const WIDTH = 900;
const PITCH = 46;
const MARGIN = 16;
const COLORS: Readonly<Record<string, string>> = { '2': '#8b949e', '31': '#ff7b72', '33': '#e3b341' };
const [BACKGROUND, TEXT, CAPTION] = ['#0d1117', '#e6edf3', '#7d8590'];

/** `␛[31m…␛[0m` as text in a color. */
function colored(line: string): string {
  const [first = '', ...rest] = line.split('␛[');
  const parts = rest.map((part) => {
    const [, code = '', text = ''] = /^(\d+)m(.*)$/.exec(part) ?? [];
    const fill = COLORS[code];
    return fill === undefined ? escapeHtml(text) : `<tspan fill="${fill}">${escapeHtml(text)}</tspan>`;
  });
  return escapeHtml(first) + parts.join('');
}

export function statuslinePicture(): string {
  const lines = new Map([...readFileSync(LINES, 'utf8').matchAll(/^(\S.*):\n {4}(.*)$/gm)].map(([, name = '', line = '']) => [name, line]));
  const rows = Object.entries(SHOWN).map(([name, caption], index) => {
    const line = lines.get(name);
    if (line === undefined) throw new Error(`${LINES} has no line "${name}"`);
    const y = MARGIN + index * PITCH;
    return [
      `<text x="${MARGIN}" y="${y + 11}" font-size="12" fill="${CAPTION}">${escapeHtml(caption)}</text>`,
      `<text x="${MARGIN}" y="${y + 30}" font-size="14" fill="${TEXT}" xml:space="preserve">${colored(line)}</text>`,
    ].join('\n');
  });
  const height = 2 * MARGIN + rows.length * PITCH - 12;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace">
<title>Lines of the status line, as a terminal has them</title>
<rect width="${WIDTH}" height="${height}" rx="8" fill="${BACKGROUND}"/>
${rows.join('\n')}
</svg>
`;
}
