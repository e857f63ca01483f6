/** The transcripts of the captures, as we read them and as ccusage does: the same tokens to the last, and each difference in money has its name. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY_MS } from '../../../collector/core/duration.ts';
import type { CollectedRequest } from '../../../collector/imports/transcripts/collect.ts';
import { costOf } from '../../../collector/imports/transcripts/price.ts';
import { scanTranscripts } from '../../../collector/imports/transcripts/scan.ts';
import { normalizeModel } from '../../../collector/ingest/claude-code/model-names.ts';
import { loadPriceBook } from '../../../collector/pricing/load.ts';
import { SKIPPED } from '../../support/backends.ts';
import { CAPTURES } from '../../support/captures.ts';
import { ccusage, ccusageProgram } from '../../support/ccusage.ts';

/** The release that is installed has no price for them and counts their tokens at nothing. */
const UNPRICED_THERE = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'];

interface Totals {
  readonly tokens: number;
  readonly usd: number;
}

const program = ccusageProgram();
if (program === undefined) describe.skip(`ccusage [${SKIPPED}npm has no program of it for this system]`, () => sideBySide(''));
else describe('ccusage', () => sideBySide(program));

function sideBySide(path: string): void {
  let folder: string;
  const ours = new Map<string, Totals>();
  const theirs = new Map<string, Totals>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-ccusage-'));
    for (const transcripts of transcriptFolders())
      cpSync(transcripts, join(folder, 'projects', relative(CAPTURES, transcripts).replaceAll(/[\\/]/g, '-')), { recursive: true });
    const { requests } = await scanTranscripts({ paths: [folder], nowMs: Date.now() + DAY_MS });
    const models = requests.flatMap((request) => [
      request,
      ...request.advisors.map((advisor): CollectedRequest => ({ ...request, ...advisor, advisors: [], iterations: [] })),
    ]);
    const prices = loadPriceBook();
    for (const [model, own] of Map.groupBy(models, ({ model: sent }) => normalizeModel(sent).model)) {
      const tokens = own.reduce(
        (sum, { tokens: { input, output, cacheRead, cacheCreation } }) => sum + input + output + cacheRead + cacheCreation,
        0,
      );
      ours.set(model, {
        tokens,
        usd:
          Number(
            costOf(
              own.map((one) => ({ ...one, advisors: [] })),
              prices,
            ).cost,
          ) / 1e12,
      });
    }
    for (const { modelBreakdowns } of await ccusage(path, 'session', folder)) {
      for (const { modelName, cost, inputTokens, outputTokens, cacheCreationTokens, cacheReadTokens } of modelBreakdowns) {
        const { model } = normalizeModel(modelName);
        const { tokens, usd } = theirs.get(model) ?? { tokens: 0, usd: 0 };
        theirs.set(model, { tokens: tokens + inputTokens + outputTokens + cacheCreationTokens + cacheReadTokens, usd: usd + cost });
      }
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const tokensOf = (totals: ReadonlyMap<string, Totals>) => Object.fromEntries([...totals].map(([model, { tokens }]) => [model, tokens]));

  test('counts the same tokens of each model', () => {
    expect(tokensOf(ours)).toEqual(tokensOf(theirs));
    expect([...ours.values()].reduce((sum, { tokens }) => sum + tokens, 0)).toBe(3_266_077);
  });

  test('comes to the same money for every model that it has a price for', () => {
    const known = [...ours].filter(([model]) => !UNPRICED_THERE.includes(model));
    expect(known).toHaveLength(5);
    for (const [model, { usd }] of known) expect([model, usd.toFixed(9)]).toEqual([model, theirs.get(model)?.usd.toFixed(9)]);
  });

  test('has no price for the others, and says nothing of it in its totals', () => {
    for (const model of UNPRICED_THERE) expect([model, theirs.get(model)?.usd, (ours.get(model)?.usd ?? 0) > 0]).toEqual([model, 0, true]);
  });
}

function transcriptFolders(): readonly string[] {
  return readdirSync(CAPTURES, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name === 'transcripts'
      ? readdirSync(join(entry.parentPath, entry.name)).map((name) => join(entry.parentPath, entry.name, name))
      : [],
  );
}
