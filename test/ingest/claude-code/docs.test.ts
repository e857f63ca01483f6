import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { isMeasure } from '../../../collector/catalog/measures.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { EVENTS } from '../../../collector/ingest/claude-code/events.ts';
import { METRICS } from '../../../collector/ingest/claude-code/metrics.ts';
import { parsePriceTable } from '../../../collector/pricing/load.ts';
import { parseDirectory } from '../../support/operator-files.ts';

const readPage = (name: string) => readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');
const blocksOf = (page: string) => [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
const rowsOf = (section: string) => [...section.matchAll(/^\| (`.*?) \| (.*?) \|/gm)].map(([, first = '', second = '']) => [first, second] as const);
const namesIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('the documentation', () => {
  const [, metrics = '', events = ''] = readPage('claude-code-telemetry').split(/^## (?=Metrics|Events|Rules)/m);

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
