/** A line of the log for a terminal. */
import { styleText } from 'node:util';
import { visible } from './visible.ts';

type Style = Parameters<typeof styleText>[0];
const STYLES: Readonly<Record<string, Style>> = { error: 'red', warn: 'yellow', info: 'green', debug: 'gray' };

/** From one line of JSON; hint, cause and fields follow on lines of their own, indented. */
export function prettyLine(json: string, color: boolean): string {
  const { time, level, code, component, msg, hint, cause, stack, ...fields } = JSON.parse(json) as Record<string, string>; // what createLogger writes
  const paint = (style: Style, text: string): string => (color ? styleText(style, text, { validateStream: false }) : text);
  const head = [
    paint('gray', clock(time)),
    paint(STYLES[level ?? ''] ?? 'white', (level ?? '').padEnd(5)),
    `${component}:`,
    visible(msg ?? ''),
    paint('gray', `(${code})`),
  ];
  const more = [
    hint,
    cause === undefined ? undefined : `cause: ${cause}`,
    Object.keys(fields).length === 0
      ? undefined
      : Object.entries(fields)
          .map(([key, value]) => `${key}=${value}`)
          .join(' '),
    ...(stack ?? '').split('\n'),
  ];
  const lines = more.flatMap((text) => (text === undefined || text === '' ? [] : [`         ${paint('gray', visible(text))}`]));
  return `${[head.join(' '), ...lines].join('\n')}\n`;
}

/** By the clock of whoever looks at the terminal. */
function clock(time: string | undefined): string {
  const date = new Date(time ?? Number.NaN);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
