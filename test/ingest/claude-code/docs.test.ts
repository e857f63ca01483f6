import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { isMeasure } from '../../../collector/catalog/measures.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { RECORD_USD_MAX } from '../../../collector/core/money.ts';
import { EVENT_COUNT_MAX, POINT_COUNT_MAX } from '../../../collector/ingest/claude-code/attributes.ts';
import { EVENTS } from '../../../collector/ingest/claude-code/events.ts';
import { METRICS } from '../../../collector/ingest/claude-code/metrics.ts';
import { parsePriceTable } from '../../../collector/pricing/load.ts';
import { parseDirectory } from '../../support/operator-files.ts';

const readPage = (name: string) => readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');
const blocksOf = (page: string) => [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
const rowsOf = (section: string) => [...section.matchAll(/^\| (`.*?) \| (.*?) \|/gm)].map(([, first = '', second = '']) => [first, second] as const);
const namesIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** 1e9 as "10⁹". */
const power = (value: number): string => `10${[...String(Math.log10(value))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')}`;

describe('the documentation', () => {
  const [, metrics = '', events = '', rules = ''] = readPage('claude-code-telemetry').split(/^## (?=Metrics|Events|Rules)/m);

  test('should name every metric and every event, and no other', () => {
    expect(rowsOf(metrics).flatMap(([first]) => namesIn(first))).toEqual(
      expect.arrayContaining([...METRICS.keys()].map((name) => `claude_code.${name}`)),
    );
    expect(rowsOf(metrics)).toHaveLength(METRICS.size);
    expect(
      rowsOf(events)
        .flatMap(([first]) => namesIn(first))
        .toSorted(),
    ).toEqual([...EVENTS.keys()].toSorted());
  });

  test('should name measures that exist', () => {
    const named = [...rowsOf(metrics), ...rowsOf(events)].flatMap(([, second]) => namesIn(second));
    expect(named.filter((name) => !isMeasure(name) && !['type', 'decision'].includes(name))).toEqual([]);
  });

  test('should say which times and numbers are believed', () => {
    const { ingest_window: window } = configSchema.parse({});
    const said = rules.replaceAll(/\s+/g, ' ');
    expect(said).toContain(`more than ${window.ahead_days} days ahead of its arrival, or ${window.back_days} days back`);
    expect(said).toContain(
      `over ${RECORD_USD_MAX.toLocaleString('en-US')} USD, over ${power(EVENT_COUNT_MAX)} in an event, over ${power(POINT_COUNT_MAX)} in a point`,
    );
  });

  test('should show a directory and a price file that can be used', () => {
    expect(Object.keys(parseDirectory(blocksOf(readPage('directory'))[1] ?? '', 'docs').users)).toEqual(['ada@example.com']);
    expect(Object.keys(parsePriceTable(blocksOf(readPage('prices')).at(-1) ?? '', 'docs'))).toEqual(['our-gateway-model']);
  });

  test('should show what is agreed in prices as the configuration takes it', () => {
    const sections = blocksOf(readPage('prices'))
      .slice(0, -1)
      .map((text) => configSchema.parse(parse(text)).prices);
    expect(
      sections.map(({ assumed, discounts, capacity, overrides }) => [assumed, discounts, capacity, overrides].map(({ length }) => length)),
    ).toEqual([
      [3, 0, 0, 0],
      [0, 2, 1, 1],
    ]);
  });
});
