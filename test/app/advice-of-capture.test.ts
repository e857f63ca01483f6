/** A conversation of the real client that was compacted, as advice measures it: the prompt of the summary, and the first one afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { AdviceAnswer } from '../../collector/query/advice.ts';
import { loadCaptures, Replayer } from '../support/captures.ts';
import { spawnCollector } from '../support/collector-process.ts';

test('a compaction of Claude Code 2.1.329 is measured by what the client reports of it', async () => {
  const data = mkdtempSync(join(tmpdir(), 'ledgerline-advice-'));
  const collector = await spawnCollector(data, {});
  try {
    const replayer = new Replayer(collector.ports);
    for (const request of loadCaptures().get('2.1.329/multiturn.grpc') ?? []) await replayer.send(request);
    replayer.close();
    const response = await fetch(`http://127.0.0.1:${collector.ports.api}/api/v1/advice?from=2026-11-20&to=2026-11-21`);
    const answer = (await response.json()) as AdviceAnswer;
    // The request "compact" read 19,885 tokens, wrote 4,220 and had 189 more; the next one of the conversation 21,662, 3,778 and 226.
    expect(answer.compactions).toEqual({ count: 1, median_tokens_before: 24_294, median_tokens_after: 25_666 });
    // So short a conversation on Sonnet, without a pause, could not have cost less.
    expect([answer.saved_usd, answer.advice]).toEqual(['0.00', []]);
  } finally {
    await collector.stop();
    rmSync(data, { recursive: true });
  }
});
