/**
 * What lies between the client and the collector, as data: each case says what arrives and what must come out. Played over every transport
 * and encoding against a collector. A case's time is an hour ago, so that nothing of it is late or ahead.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CaseBodies, type Step, type Subject } from './bodies.ts';
import { startWiredCollector, WIRES, type WiredCollector } from './wires.ts';

interface Case {
  readonly name: string;
  readonly why: string;
  /** Over JSON alone: what is malformed cannot be said in protobuf. */
  readonly wires?: 'json';
  readonly steps: readonly Step[];
  /** Fields of the session; `spend` is the user's, `SPEND` asks for the address in capitals; `first_seen` in milliseconds after the base. */
  readonly expect: Readonly<Record<string, number | string>>;
}

const FILES = ['identity', 'times', 'values'] as const;
const load = (file: string): Case[] => JSON.parse(readFileSync(join(import.meta.dirname, `${file}.json`), 'utf8'));
const plays = FILES.flatMap(load).flatMap((one) => {
  const wires = one.wires === 'json' ? WIRES.filter((wire) => wire.startsWith('json')) : WIRES;
  return wires.map((wire) => ({ ...one, wire }));
});

const HOUR_MS = 3_600_000;
const baseMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOUR_MS;

let collector: WiredCollector;

beforeAll(async () => {
  collector = await startWiredCollector();
});

afterAll(() => collector.stop());

describe('what lies between client and collector', () => {
  test.each(plays)('$name over $wire: $why', async ({ name, wire, steps, expect: expected }) => {
    const subject: Subject = { session: `${name}-${wire}`, user: `${name}-${wire}@case.example`, baseMs };
    for (const step of steps) await play(step, subject, wire);
    for (const [field, value] of Object.entries(expected)) expect([field, await find(field, subject)]).toEqual([field, value]);
  });
});

async function play(step: Step, subject: Subject, wire: string): Promise<void> {
  const bodies = new CaseBodies(subject, step.unit);
  const send = collector.sends[wire];
  if (send === undefined) throw new Error(`no wire ${wire}`);
  const answers = [
    ...(step.logs === undefined ? [] : [await send('logs', bodies.logs(step.logs))]),
    ...(step.metrics === undefined ? [] : [await send('metrics', bodies.metrics(step.metrics))]),
  ];
  if (step.rejected === undefined) expect(answers.join('')).toBe('');
  else expect(answers.join('')).toContain(step.rejected);
}

async function find(field: string, { session, user }: Subject): Promise<unknown> {
  if (field === 'spend') return Number(await ask(`/api/v1/spend?where=user:${encodeURIComponent(user)}`, 'total'));
  if (field === 'SPEND') return Number(await ask(`/api/v1/spend?where=user:${encodeURIComponent(user.toUpperCase())}`, 'total'));
  const path = `/api/v1/sessions/${session}`;
  if (field === 'first_seen') return Date.parse(String(await ask(path, field))) - baseMs;
  if (field === 'input_tokens') return ((await ask(path, 'tokens')) as { input: number }).input;
  const value = await ask(path, field);
  return field.startsWith('cost_usd') ? Number(value) : value;
}

async function ask(path: string, field: string): Promise<unknown> {
  const response = await fetch(`${collector.api}${path}`);
  const answer = (await response.json()) as Record<string, unknown>;
  return answer[field];
}
