import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PROBLEMS } from '../../collector/api/problem.ts';
import { type Problem, startApi } from './support.ts';

const docs = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');

test('docs/api.md should explain every parameter of /spend', async () => {
  const api = await startApi();
  try {
    const { body } = await api.get<Problem>('/api/v1/spend?nonsense=1');
    const allowed = body.error.hint.replace(/^Allowed: |\.$/g, '').split(', ');
    expect(allowed.length).toBeGreaterThan(5);
    for (const name of allowed) expect(docs).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
  } finally {
    await api.stop();
  }
});

test('docs/api.md should give each code its status', () => {
  for (const [, status, code] of docs.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm)) {
    expect({ code, status: PROBLEMS[code as keyof typeof PROBLEMS].status }).toEqual({ code, status: Number(status) });
  }
});
