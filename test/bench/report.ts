/** What the bench found: tables and aims, printed as they come and kept for the page. */

export interface Aim {
  readonly name: string;
  readonly aim: string;
  readonly measured: string;
  readonly isMet: boolean;
}

export class Report {
  readonly #parts: string[] = [];
  readonly #aims: Aim[] = [];

  say(line: string): void {
    console.log(`  … ${line}`);
  }

  table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): void {
    const part = `## ${title}\n\n${markdown(columns, rows)}`;
    this.#parts.push(part);
    console.log(`\n${part}\n`);
  }

  note(text: string): void {
    this.#parts.push(text);
    console.log(`${text}\n`);
  }

  aim(aim: Aim): void {
    this.#aims.push(aim);
  }

  get aims(): string {
    return markdown(
      ['aim', '', 'measured', ''],
      this.#aims.map(({ name, aim, measured, isMet }) => [name, aim, measured, isMet ? 'met' : '**missed**']),
    );
  }

  get markdown(): string {
    return this.#parts.join('\n\n');
  }
}

/** Aligned, so that it reads the same in a terminal. The first column is text, the others are figures. */
function markdown(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) => Math.max(column.length, 3, ...rows.map((row) => (row[index] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, index) => (index === 0 ? (cells[index] ?? '').padEnd(width) : (cells[index] ?? '').padStart(width))).join(' | ')} |`;
  const rule = widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(columns), line(rule), ...rows.map(line)].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
export const ms = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
export const ratio = (value: number): string => value.toFixed(2);
export const megabytes = (bytes: number): string => whole(bytes / 1e6);
