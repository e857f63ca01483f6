/** Replicas of one ledger book by the same settings: one that differs does not start, and one whose settings were changed meanwhile says so. */
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { DIRECTORY_SETTINGS, type SharedSetting, sharedSettings } from '../config/shared-settings.ts';
import { MINUTE_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { openSharedSettings } from '../storage/open.ts';

export interface SettingsAgreement {
  /** Before the ledger is opened, and again afterwards, when there may be one. Rejects with a sentence that names what differs. */
  check(): Promise<void>;
  /** Files of the directory have changed while the collector runs: they hold for all. Never rejects. */
  renewDirectory(): Promise<void>;
  /** One sentence while others have agreed on something else. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

interface AgreementOptions {
  readonly config: Config;
  readonly log: Log;
  readonly lookMs?: number;
}

const ADOPT = 'ledgerline storage adopt-settings';
/** In a sentence. */
const NAMED_MAX = 5;

interface Difference {
  readonly key: string;
  readonly here: string;
  readonly there: string;
}

const ALONE: SettingsAgreement = {
  check: async () => undefined,
  renewDirectory: async () => undefined,
  trouble: () => undefined,
  close: async () => undefined,
};

export async function agreeOnSettings({ config, log, lookMs = MINUTE_MS }: AgreementOptions): Promise<SettingsAgreement> {
  const store = await openSharedSettings(config);
  if (store === undefined) return ALONE;
  const own = new Map(sharedSettings(config));
  let trouble: string | undefined;
  const differences = async (): Promise<readonly Difference[]> => differing(own, (await store.agree(textsOf(own))) ?? new Map());
  const look = async (): Promise<void> => {
    const found = await differences();
    const next = found.length === 0 ? undefined : changedSentence(found);
    if (next !== undefined && next !== trouble) log('settings_differ', next);
    trouble = next;
  };
  const unread = (thrown: unknown): void => {
    const error = LedgerlineError.from(thrown);
    log('settings_unread', error.message, { error });
  };
  const timer = setInterval(() => void look().catch(unread), lookMs).unref();
  return {
    async check() {
      const found = await differences();
      const booked = found.filter(({ key }) => own.get(key)?.level === 'booked');
      if (booked.length > 0) throw refusal(booked);
      if (found.length === 0) return;
      log('settings_adopted', `Of this replica, and of all that start after it: ${found.map(({ key }) => key).join(', ')}.`);
      await store.adopt(textsOf(new Map(found.flatMap(({ key }) => entryOf(own, key)))));
    },
    async renewDirectory() {
      const now = sharedSettings(config);
      for (const [key, setting] of DIRECTORY_SETTINGS.flatMap((name) => entryOf(now, name))) own.set(key, setting);
      await store.adopt(textsOf(new Map(DIRECTORY_SETTINGS.flatMap((key) => entryOf(own, key))))).catch(unread);
    },
    trouble: () => trouble,
    close: async () => {
      clearInterval(timer);
      await store.close();
    },
  };
}

/** All of the configuration hold from now on. Resolves to those that were different before. */
export async function adoptSettings(config: Config): Promise<readonly Difference[]> {
  const store = await openSharedSettings(config);
  if (store === undefined) return [];
  try {
    const own = sharedSettings(config);
    const before = await store.agree(new Map());
    await store.adopt(textsOf(own));
    return differing(own, before ?? new Map());
  } finally {
    await store.close();
  }
}

const textsOf = (settings: ReadonlyMap<string, SharedSetting>): ReadonlyMap<string, string> =>
  new Map([...settings].map(([key, { text }]) => [key, text]));

function entryOf(settings: ReadonlyMap<string, SharedSetting>, key: string): [string, SharedSetting][] {
  const setting = settings.get(key);
  return setting === undefined ? [] : [[key, setting]];
}

/** What only one of both versions knows is no difference: replicas are updated one after the other. */
const differing = (own: ReadonlyMap<string, SharedSetting>, agreed: ReadonlyMap<string, string>): readonly Difference[] =>
  [...own].flatMap(([key, { text: here }]) => {
    const there = agreed.get(key);
    return there === undefined || there === here ? [] : [{ key, here, there }];
  });

function refusal(found: readonly Difference[]): LedgerlineError {
  const named = found.slice(0, NAMED_MAX).map(({ key, here, there }) => `${key} is ${here} here and ${there} there`);
  const more = found.length > NAMED_MAX ? `, and ${found.length - NAMED_MAX} more` : '';
  return new LedgerlineError('invalid', `This replica would book otherwise than the others of its ledger: ${named.join('; ')}${more}.`, {
    hint: `Give all replicas the same configuration and files. To change it for all, run \`${ADOPT}\` with the new one, then restart them one after the other.`,
  });
}

const changedSentence = (found: readonly Difference[]): string =>
  `Settings of the ledger have changed: ${found.map(({ key }) => key).join(', ')}. This replica goes by its own until it is restarted with them.`;
