/** Stand-ins of transcripts, and the telemetry of the same requests. */
import type { Entry } from '../../../collector/ledger/entry.ts';
import { requestKey, standInIdentity } from '../../../collector/ledger/stand-ins.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import type { Random } from '../../support/random.ts';

const MINUTE = 60_000;

export const keyOf = (id: string, input = 10): string => requestKey({ id, model: 'claude-opus-5-5', input, cacheRead: 0, cacheCreation: 0 });

type Overrides = Omit<Parameters<typeof event>[0], 'cost'> & { readonly cost?: string; readonly list?: string; readonly isBeside?: boolean };

/** A request of a transcript: its cost is an estimate at list price. */
export function standIn({ id, list = '0.02', isBeside = false, ...rest }: Overrides): Entry {
  const entry = event({ id, cost: '0', ...rest, dimensions: { origin: 'transcripts', ...rest.dimensions } });
  return { ...entry, identity: standInIdentity(id, isBeside), listCost: usd(list), isCostMissing: true, isStandIn: true };
}

interface Made {
  readonly telemetry: readonly Entry[];
  readonly standIns: readonly Entry[];
  /** Stand-ins whose requests telemetry does not have: what they come to, each alone in its time. */
  readonly alone: bigint;
}

/** A session in which telemetry is there for a while, and transcripts for all of it. Times are apart, so that no metric covers what it should not. */
export function generateStandIns(random: Random): Made {
  const telemetry: Entry[] = [];
  const standIns: Entry[] = [];
  let alone = 0n;
  let timeMs = NOON;
  for (let index = 0; index < 4 + random.below(25); index++) {
    timeMs += random.chance(0.3) ? random.below(20) * MINUTE : 1 + random.below(5_000);
    const input = 1 + random.below(3);
    const id = random.chance(0.7) ? `req_${index}` : '';
    const common = { sessionId: random.chance(0.9) ? 'session-1' : 'session-2', timeMs };
    const hasEvent = random.chance(0.7);
    // Alike in prompt and without an id, a request without an event would be taken for one that has one: so those have prompts of their own.
    const request = keyOf(id, hasEvent ? input : 100 + index);
    if (hasEvent)
      telemetry.push(
        event({ id: `${index}`, ...common, timeMs: timeMs + random.below(300), request, sequence: index, cost: `0.0${1 + random.below(9)}` }),
      );
    else alone += usd('0.02');
    if (!hasEvent || random.chance(0.8)) {
      const forgetsId = hasEvent && random.chance(0.2);
      standIns.push(standIn({ id: `${index}`, ...common, request: forgetsId ? keyOf('', input) : request }));
      if (random.chance(0.15)) {
        standIns.push(standIn({ id: `beside ${index}`, ...common, request: standIns.at(-1)?.request, isBeside: true, model: 'claude-haiku-5-5' }));
        if (!hasEvent) alone += usd('0.02');
      }
    }
  }
  return { telemetry, standIns, alone };
}
