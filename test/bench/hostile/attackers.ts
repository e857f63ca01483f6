/** The attackers, in a process of their own with a low priority: they stand for other machines and take nobody's processor. */
import { setMaxListeners } from 'node:events';
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Arena, type ArenaOptions, type Attack, Tally } from './attack.ts';
import { ATTACKS } from './attacks.ts';
import { fuzz } from './attacks-fuzz.ts';
import { errorCode } from './wire.ts';

export interface ToAttackers {
  readonly name: string;
  readonly step: 'prepare' | 'run' | 'afterwards';
  readonly where: Omit<ArenaOptions, 'signal' | 'tally'>;
  /** How many of the attack of that name. */
  readonly fuzz?: number | undefined;
}

/** What they saw of the attack so far. */
export interface FromAttackers {
  readonly seen: string;
  readonly faults: number;
  /** Why there was no attack. */
  readonly failed?: string;
}

const NICENESS = 10;
/** An attack that does not come back is left alone after this long. */
const GRACE_MS = 30_000;
const NEVER = new AbortController().signal;

let tally = new Tally();

async function run(attack: Attack, where: ToAttackers['where']): Promise<void> {
  const isCounted = attack.isCounted === true;
  const signal = isCounted ? new AbortController().signal : AbortSignal.timeout(where.seconds * 1000);
  setMaxListeners(0, signal);
  const attacked = attack.run(new Arena({ ...where, signal, tally })).catch((error: unknown) => tally.note(errorCode(error)));
  await (isCounted ? attacked : Promise.race([attacked, delay(where.seconds * 1000 + GRACE_MS, undefined, { ref: false })]));
}

async function step({ name, step, where, fuzz: total }: ToAttackers): Promise<FromAttackers> {
  const attack = total === undefined ? ATTACKS.find((known) => known.name === name) : fuzz(total);
  if (attack === undefined) return { seen: '', faults: 0, failed: `There is no attack ${name}.` };
  if (step === 'prepare') tally = new Tally();
  const calm = new Arena({ ...where, signal: NEVER, tally });
  try {
    if (step === 'run') await run(attack, where);
    else await attack[step]?.(calm);
  } catch (error) {
    return { seen: tally.text, faults: tally.faults, failed: error instanceof Error ? error.message : String(error) };
  }
  return { seen: tally.text, faults: tally.faults };
}

setMaxListeners(0, NEVER);
setPriority(NICENESS);
process.on('message', (message: ToAttackers) => void step(message).then((answer) => process.send?.(answer)));
process.once('disconnect', () => process.exit(1));
