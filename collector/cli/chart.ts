/** Figures as a terminal draws them: courses in one line, shares as bars. */

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
const FULL = '█';
const LIGHT = '░';
/** What is not known is no zero. */
const UNKNOWN = '·';

/** One character for each value, from zero to the largest. */
export function sparkline(values: readonly (number | null)[]): string {
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  return values.map((value) => (value === null ? UNKNOWN : levelOf(value, largest))).join('');
}

function levelOf(value: number, largest: number): string {
  const level = largest <= 0 || value <= 0 ? 0 : Math.min(LEVELS.length - 1, Math.ceil((value / largest) * LEVELS.length) - 1);
  return LEVELS[level] ?? UNKNOWN;
}

/** A share of a width, to an eighth of a character; what is not zero is seen. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * EIGHTHS.length);
  const drawn = share > 0 ? Math.max(1, eighths) : 0;
  return FULL.repeat(Math.floor(drawn / EIGHTHS.length)) + (EIGHTHS[drawn % EIGHTHS.length] ?? '');
}

/** Up to a lower share of the width, and lighter from there to a higher one: whole characters. */
export function bandBar(lower: number, upper: number, width: number): string {
  const full = Math.round(lower * width);
  return FULL.repeat(full) + LIGHT.repeat(Math.max(0, Math.round(upper * width) - full));
}
