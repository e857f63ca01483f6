/** GET /api/v1/status and `ledgerline doctor`: the facts about the ledger and who sends to it, and what follows from them. */

import type { Budget } from '../budgets/journal.ts';
import { scopeFindings } from '../budgets/unknown-scopes.ts';
import { REFUSALS, type RefusalKind, type RefusalTotal, remedyOf } from '../catalog/refusals.ts';
import { showValue } from '../catalog/values.ts';
import { DAY_MS } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import type { LedgerSnapshot, LedgerStatus } from '../ledger/ledger.ts';
import { diagnose } from './diagnosis.ts';
import { type Freshness, freshnessOf, renderInstant } from './render.ts';
import { setAsideFindings } from './set-aside.ts';
import { unreconciledFindings } from './unreconciled.ts';

/** Senders of the last week; who was silent for longer is on holiday or gone. */
export const SENDERS_MS = 7 * DAY_MS;

const SENDERS_MAX = 200;
const REFUSALS_MAX = 200;

export interface SenderAnswer {
  readonly user: string;
  readonly team: string;
  readonly client_version: string;
  readonly sessions: number;
  readonly last_seen: string | null;
}

/** What the receivers refused, ignored or corrected, of one kind, in the last seven days. */
export interface RefusalAnswer {
  readonly kind: RefusalKind;
  /** The path, the reason, the limit; '' where the kind has none. */
  readonly detail: string;
  readonly count: number;
  /** What is counted: export, record, request or connection. */
  readonly unit: string;
  readonly first_seen: string | null;
  readonly last_seen: string | null;
  /** The latest addresses, of more where has_more_senders. */
  readonly senders: readonly { readonly address: string; readonly count: number; readonly last_seen: string | null }[];
  readonly has_more_senders: boolean;
  readonly remedy: string;
}

export interface StatusAnswer extends Freshness {
  readonly entries: number;
  readonly sessions: number;
  readonly schema_version: number;
  readonly counters: LedgerStatus['counters'];
  /** Records that came so late into so long a session that their cost is held back. */
  readonly held_back_records: number;
  readonly overflow: LedgerStatus['overflow'];
  readonly senders_total: number;
  /** The newest. */
  readonly senders: readonly SenderAnswer[];
  /** The latest first. */
  readonly refusals: readonly RefusalAnswer[];
  readonly findings: readonly Finding[];
}

export interface StatusContext {
  readonly reader: LedgerSnapshot;
  /** In force. */
  readonly budgets: readonly Budget[];
  readonly refusals: readonly RefusalTotal[];
  readonly nowMs: number;
}

export async function statusOf({ reader, budgets, refusals, nowMs }: StatusContext): Promise<StatusAnswer> {
  const facts = await reader.status();
  const senders = await reader.senders(nowMs - SENDERS_MS);
  return {
    ...freshnessOf(facts.asOfMs, nowMs),
    entries: facts.entries,
    sessions: facts.sessions,
    schema_version: facts.schemaVersion,
    counters: facts.counters,
    held_back_records: facts.heldBack,
    overflow: facts.overflow,
    senders_total: senders.length,
    senders: senders.slice(0, SENDERS_MAX).map((sender) => ({
      user: showValue('user', sender.user),
      team: showValue('team', sender.team),
      client_version: showValue('client_version', sender.clientVersion),
      sessions: sender.sessions,
      last_seen: renderInstant(sender.lastSeenMs),
    })),
    refusals: refusals.slice(0, REFUSALS_MAX).map(renderRefusal),
    findings: diagnose(facts, senders, nowMs, {
      refusals,
      more: [...(await scopeFindings(budgets, reader)), ...(await unreconciledFindings(reader)), ...(await setAsideFindings(reader))],
    }),
  };
}

function renderRefusal({ kind, detail, count, firstMs, lastMs, senders, hasMoreSenders }: RefusalTotal): RefusalAnswer {
  return {
    kind,
    detail,
    count,
    unit: REFUSALS[kind].unit,
    first_seen: renderInstant(firstMs),
    last_seen: renderInstant(lastMs),
    senders: senders.map((sender) => ({ address: sender.address, count: sender.count, last_seen: renderInstant(sender.lastMs) })),
    has_more_senders: hasMoreSenders,
    remedy: remedyOf({ kind, detail }),
  };
}

/** What GET /readyz answers beside readiness. */
export const readFreshness = async (reader: Pick<LedgerSnapshot, 'status'>, nowMs: number): Promise<Freshness> =>
  freshnessOf((await reader.status()).asOfMs, nowMs);
