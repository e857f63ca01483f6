/** What an import of transcripts found and sent, as lines and as JSON. */
import type { ImportAnswer } from '../catalog/imported.ts';
import { displayUsd, formatUsd, parseUsd } from '../core/money.ts';
import { costOf, type TranscriptCost } from '../imports/transcripts/price.ts';
import { HARMLESS, type Scan } from '../imports/transcripts/scan.ts';
import { loadPriceBook } from '../pricing/load.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrapTo } from './width.ts';

export interface SentImport {
  readonly scan: Scan;
  readonly answer: ImportAnswer;
  /** Requests that were answered. */
  readonly sent: number;
  /** By an earlier import. */
  readonly sentBefore: number;
  /** Not sent, since it was interrupted. */
  readonly left: number;
}

export function foundJson(scan: Scan): object {
  const { cost, unpriced } = priced(scan);
  return { ...scanJson(scan), cost_usd: formatUsd(cost), unpriced_tokens: unpriced };
}

export function sentJson({ scan, answer, sent, sentBefore, left }: SentImport): object {
  const { cost, covered_cost, booked_cost, unpriced, requests: _requests, ...counts } = answer;
  return {
    ...scanJson(scan),
    ...{ sent, sent_before: sentBefore, left, ...counts },
    ...{ cost_usd: cost, covered_cost_usd: covered_cost, booked_cost_usd: booked_cost, unpriced_tokens: unpriced },
  };
}

function scanJson(scan: Scan): object {
  return {
    ...{
      files: scan.files,
      files_known: scan.filesKnown,
      unreadable: scan.unreadable,
      lines: scan.lines,
      skipped: scan.skipped,
      broken: scan.broken,
    },
    ...{ sessions: sessionsOf(scan), requests: scan.requests.length, repeats: scan.repeats, unfinished: scan.unfinished, outside: scan.outside },
  };
}

const priced = ({ requests }: Scan): TranscriptCost => costOf(requests, loadPriceBook());
const sessionsOf = ({ requests }: Scan): number => new Set(requests.map(({ sessionId }) => sessionId)).size;

export function foundLines(scan: Scan, terminal: Terminal): string[] {
  const { cost, unpriced } = priced(scan);
  return lines(terminal, [
    [`${plural(scan.requests.length, 'request')} of ${plural(sessionsOf(scan), 'session')}, ${displayUsd(cost)} at list price. Nothing was sent.`],
    unpricedLines(unpriced),
    scanLines(scan),
  ]);
}

export function sentLines({ scan, answer, sent, sentBefore, left }: SentImport, terminal: Terminal): string[] {
  const usd = (text: string): string => displayUsd(parseUsd(text) ?? 0n);
  const ifAny = (count: number, line: string): string[] => (count === 0 ? [] : [line]);
  return lines(terminal, [
    left > 0 ? [`Interrupted: ${plural(left, 'request')} not sent. Start it again to go on.`] : [],
    [
      `${plural(scan.requests.length, 'request')} of ${plural(sessionsOf(scan), 'session')} in the transcripts that were read.`,
      ...ifAny(sentBefore, `${plural(sentBefore, 'request')} sent by an earlier import.`),
      `${plural(sent, 'request')} sent, ${usd(answer.cost)}:`,
      `  ${withThousands(answer.booked)} new, ${usd(answer.booked_cost)}: booked, but for what metrics report of the same time`,
      `  ${withThousands(answer.covered)} covered by telemetry, ${usd(answer.covered_cost)}`,
      `  ${withThousands(answer.known)} known from an earlier import`,
      ...ifAny(answer.conflicts, `  ${withThousands(answer.conflicts)} known with other counts: the first stays`),
      ...ifAny(answer.expired, `  ${withThousands(answer.expired)} older than the entries that the ledger keeps (retention.entries_days)`),
      ...ifAny(answer.rejected, `  ${withThousands(answer.rejected)} refused: doctor and the log of the collector say why`),
    ],
    unpricedLines(answer.unpriced),
    scanLines(scan),
  ]);
}

const unpricedLines = (unpriced: Readonly<Record<string, number>>): string[] =>
  Object.entries(unpriced).map(
    ([model, tokens]) =>
      `${model} has no list price: ${withThousands(tokens)} tokens are in no cost. Add it to models.prices_file; see docs/prices.md.`,
  );

function scanLines(scan: Scan): string[] {
  const broken = Object.entries(scan.skipped).flatMap(([reason, count]) =>
    HARMLESS.has(reason) ? [] : [`${withThousands(count)} ${BROKEN[reason] ?? reason}`],
  );
  return [
    `${plural(scan.files, 'transcript')}${scan.filesKnown > 0 ? `, ${withThousands(scan.filesKnown)} unchanged since the last import` : ''}.`,
    ...(broken.length === 0 ? [] : [`Lines left out: ${broken.join(', ')}. The first: ${scan.broken.slice(0, 3).join(', ')}.`]),
    ...(scan.unreadable.length === 0
      ? []
      : [`Not readable: ${scan.unreadable.slice(0, 3).join(', ')}${scan.unreadable.length > 3 ? ' and others' : ''}.`]),
    ...(scan.outside === 0 ? [] : [`${plural(scan.outside, 'request')} outside --since and --until.`]),
    ...(scan.unfinished === 0 ? [] : [`${plural(scan.unfinished, 'request')} of sessions that are still written: the next import has them.`]),
  ];
}

const BROKEN: Readonly<Record<string, string>> = {
  broken: 'cut off or no JSON',
  too_long: 'longer than 32 MB',
  no_session: 'without a session',
  no_time: 'without a time',
  bad_usage: 'with counts that are none',
};

const plural = (count: number, word: string): string => `${withThousands(count)} ${word}${count === 1 ? '' : 's'}`;

const lines = ({ columns }: Terminal, groups: readonly (readonly string[])[]): string[] =>
  groups.flat().flatMap((line) => (columns === undefined ? [line] : wrapTo(columns, line)));
