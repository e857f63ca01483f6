/** Questions to a real Prometheus, and history for one that was not there yet. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../support/backends-run.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Unix seconds and value. */
  readonly values: readonly (readonly [number, number])[];
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[] };
}

async function ask(url: string, path: string, parameters: Readonly<Record<string, string>>): Promise<Series[]> {
  const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
  // Prometheus' documented answer; a wrong shape fails the test that reads it.
  const answer = (await response.json()) as Answer;
  if (answer.data === undefined) throw new Error(`${answer.error} in ${parameters.query}`);
  return answer.data.result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
    metric,
    values: values.map(([time, text]) => [time, Number(text)] as const),
  }));
}

export const queryInstant = (url: string, query: string, timeMs: number): Promise<Series[]> =>
  ask(url, 'query', { query, time: String(timeMs / 1000) });

export function queryRange(url: string, query: string, range: { startMs: number; endMs: number; stepSeconds: number }): Promise<Series[]> {
  const { startMs, endMs, stepSeconds } = range;
  return ask(url, 'query_range', { query, start: String(startMs / 1000), end: String(endMs / 1000), step: String(stepSeconds) });
}

export interface Scrape {
  readonly timeMs: number;
  readonly text: string;
}

/** Writes scrapes into a Prometheus' data folder as if it had made them at those times. */
export async function importHistory(folder: string, scrapes: readonly Scrape[]): Promise<void> {
  const lines = scrapes.flatMap(({ timeMs, text }) => {
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return samples.map((sample) => `${sample} ${timeMs / 1000}`);
  });
  await writeFile(join(folder, 'history.txt'), `${lines.join('\n')}\n# EOF\n`);
  const { code, output } = await runTool('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', 'history.txt', 'data'], folder);
  if (code !== 0) throw new Error(`promtool could not import the history: ${output}`);
}

/** Brings scrapes into a running VictoriaMetrics as if it had made them at those times. */
export async function postHistory(url: string, scrapes: readonly Scrape[]): Promise<void> {
  for (const { timeMs, text } of scrapes) {
    const response = await fetch(`${url}/api/v1/import/prometheus?timestamp=${timeMs}`, { method: 'POST', body: text });
    if (!response.ok) throw new Error(`VictoriaMetrics did not take the history: ${response.status} ${await response.text()}`);
  }
}
