/** GET /api/v1/reconcile: reported, list and billed cost beside each other, with the cause of every difference. */
import { z } from 'zod';
import { BILLER_NAMES } from '../catalog/billers.ts';
import type { Finding } from '../core/finding.ts';
import { formatUsd } from '../core/money.ts';
import { type Range, renderRange } from './compared-range.ts';
import { csvPieces } from './csv.ts';
import { FORMAT_SHAPE, readNames } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { type ReconciliationAnswer, ROW_DIMENSIONS, type RowDimension, reconciliationSchema } from './reconcile/answer.ts';
import { CAUSE_NAMES } from './reconcile/causes.ts';
import { type ReconcileFacts, readReconciliation } from './reconcile/facts.ts';
import { accountWords, missingImports } from './reconcile/imports.ts';
import {
  absoluteRemainder,
  renderAdjustments,
  renderAmounts,
  renderCompleteness,
  renderImports,
  renderRows,
  renderSources,
  renderSteps,
} from './reconcile/render.ts';
import { sumOfCells } from './reconcile/total.ts';
import { freshnessOf, renderInstant } from './render.ts';
import { readUtcDays, UTC_RANGE_SHAPES } from './utc-days.ts';

export type { ReconciliationAnswer } from './reconcile/answer.ts';

const BY_DEFAULT: readonly RowDimension[] = ['day', 'workspace', 'model'];

interface ReconcileRequest {
  /** Whole days in UTC. */
  readonly range: Range;
  readonly by: readonly RowDimension[];
}

export const RECONCILE = question<ReconcileRequest, ReconciliationAnswer>({
  id: 'reconcile',
  path: '/reconcile',
  summary: 'Reported, list and billed cost beside each other, with the cause of every difference.',
  description:
    'Days begin in UTC, as providers bill. What is billed comes from the records that `ledgerline import` brings, and is null without them; only readers who see everything see it. All steps and the remainder add up to the last digit.',
  parameters: {
    ...UTC_RANGE_SHAPES,
    by: {
      schema: z
        .string()
        .describe('What the rows are by, comma-separated.')
        .meta({ default: BY_DEFAULT.join(',') }),
      listOf: ROW_DIMENSIONS,
    },
    format: FORMAT_SHAPE,
  },
  answer: reconciliationSchema,
  parse: ({ parameters }, context) => ({
    range: readUtcDays(parameters, context),
    by: readNames(parameters, 'by', isRowDimension, ROW_DIMENSIONS, BY_DEFAULT),
  }),
  ask: answerReconcile,
  csv: ({ by }, { rows }) => csvOf(by, rows),
});

const isRowDimension = (name: string): name is RowDimension => ROW_DIMENSIONS.some((dimension) => dimension === name);

async function answerReconcile({ range, by }: ReconcileRequest, asking: Asking): Promise<ReconciliationAnswer> {
  const nowMs = asking.now();
  const facts = await readReconciliation(asking, range, nowMs);
  const sum = sumOfCells(facts.cells);
  return {
    range: renderRange(range, { timeZone: 'UTC', weekStart: asking.config.week_start }),
    time_zone: 'UTC',
    by: [...by],
    ...renderAmounts(sum),
    remainder_absolute_usd: absoluteRemainder(facts.cells),
    reported_events_usd: formatUsd(sum.amounts.events),
    list_uncertain_usd: formatUsd(sum.amounts.uncertain),
    covered_usd: formatUsd(sum.amounts.covered),
    imported_usd: formatUsd(facts.imported),
    steps: renderSteps(sum),
    rows: renderRows(facts.cells, by),
    completeness: {
      users: renderCompleteness(facts.users, 'user'),
      user_sources: [...facts.userSources],
      workspaces: renderCompleteness(facts.workspaces, 'workspace'),
      silent_users: facts.users.filter(({ isSilent }) => isSilent).length,
    },
    sources: renderSources(facts.coverage),
    imports: renderImports(facts.imports),
    closed_months: facts.closed.map(({ month, closedMs }) => ({ month, closed_at: renderInstant(closedMs) })),
    adjustments: renderAdjustments(facts.adjustments),
    later_adjustments: renderAdjustments(facts.later),
    unmapped_workspaces: [...facts.unmapped],
    missing: isBillHidden(asking) ? [] : [...missingImports(facts.coverage)],
    findings: findingsOf(facts, asking),
    ...freshnessOf(facts.asOfMs, nowMs),
  };
}

/** A bill is not by team or user: who does not see everything sees nothing of it. */
const isBillHidden = ({ scope, statements }: Asking): boolean => scope !== 'all' && statements !== undefined;

function findingsOf({ unmapped, coverage }: ReconcileFacts, asking: Asking): Finding[] {
  const findings: Finding[] = [];
  const provisional = coverage.reduce((sum, one) => sum + one.provisional, 0);
  if (isBillHidden(asking))
    findings.push({
      ...{ code: 'bill_not_shown', severity: 'info' },
      message: 'What is billed is shown to readers who see everything: a bill is not by team or user.',
      remedy: '',
    });
  // Where one name is mapped all are meant to be.
  if (unmapped.length > 0 && Object.keys(asking.config.reconcile.workspaces).length > 0)
    findings.push({
      ...{ code: 'workspaces_not_mapped', severity: 'warning' },
      message: `${unmapped.length === 1 ? '1 workspace' : `${unmapped.length} workspaces`} of the provider ${unmapped.length === 1 ? 'is' : 'are'} none of ours: ${unmapped.slice(0, 5).join(', ')}${unmapped.length > 5 ? ', …' : ''}.`,
      remedy: 'Map them with reconcile.workspaces in the configuration.',
    });
  findings.push(...accountFindings(coverage));
  if (provisional > 0)
    findings.push({
      ...{ code: 'record_not_final', severity: 'info' },
      message: `${provisional === 1 ? '1 day' : `${provisional} days`} of the record may still be revised by the provider.`,
      remedy: 'Import again later.',
    });
  return findings;
}

/** The bill of one account passes for that of all: where there are several, what one lacks is not to be overlooked. */
const accountFindings = (coverage: ReconcileFacts['coverage']): Finding[] =>
  coverage
    .filter(({ accounts }) => accounts.length > 1)
    .flatMap(({ biller, accounts }) => accounts.map((account) => ({ biller, ...account })))
    .filter(({ missingBilled }) => missingBilled > 0)
    .map(({ biller, account, missingBilled, imports }) => ({
      ...{ code: 'account_not_imported', severity: 'warning' },
      message: `What ${BILLER_NAMES[biller]} bills leaves out ${missingBilled === 1 ? '1 day' : `${missingBilled} days`} of ${accountWords(account)}.`,
      remedy: `\`${imports.billed}\` brings them.`,
    }));

const AMOUNTS = ['reported_usd', 'list_usd', 'contracted_usd', 'billed_usd', 'remainder_usd'] as const;

function csvOf(by: readonly RowDimension[], rows: ReconciliationAnswer['rows']): Iterable<string> {
  const cells = rows.map((row) => [
    ...by.map((dimension) => row[dimension] ?? ''),
    ...AMOUNTS.map((name) => row[name] ?? ''),
    ...CAUSE_NAMES.map((cause) => row.steps[cause] ?? '0.00'),
  ]);
  return csvPieces([...by, ...AMOUNTS, ...CAUSE_NAMES.map((cause) => `${cause}_usd`)], cells);
}
