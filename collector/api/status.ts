/** GET /api/v1/status: the facts that `ledgerline doctor` reports, and what follows from them. */

import type { RequestHandler } from 'express';
import { scopeFindings } from '../budgets/unknown-scopes.ts';
import { showValue } from '../catalog/values.ts';
import type { BudgetContext } from '../query/budget-context.ts';
import { diagnose } from '../query/diagnosis.ts';
import { readParameters } from '../query/parameters.ts';
import { renderInstant } from '../query/render.ts';
import { SENDERS_MAX, SENDERS_MS } from '../query/status.ts';

export const status =
  ({ reader, config, budgets, now }: BudgetContext): RequestHandler =>
  (request, response) => {
    readParameters(request.originalUrl, []);
    const nowMs = now();
    const facts = reader.status();
    const senders = reader.senders(nowMs - SENDERS_MS);
    response.json({
      as_of: renderInstant(facts.asOfMs),
      age_seconds: facts.asOfMs === undefined ? null : Math.max(0, Math.round((nowMs - facts.asOfMs) / 1000)),
      entries: facts.entries,
      sessions: facts.sessions,
      schema_version: facts.schemaVersion,
      counters: facts.counters,
      overflow: facts.overflow,
      senders_total: senders.length,
      senders: [...senders]
        .sort((a, b) => b.lastSeenMs - a.lastSeenMs)
        .slice(0, SENDERS_MAX)
        .map((sender) => ({
          user: showValue('user', sender.user),
          team: showValue('team', sender.team),
          client_version: showValue('client_version', sender.clientVersion),
          sessions: sender.sessions,
          last_seen: renderInstant(sender.lastSeenMs),
        })),
      findings: diagnose(facts, senders, nowMs, scopeFindings(budgets.budgets(config.budgets), reader)),
    });
  };
