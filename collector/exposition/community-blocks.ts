/** The same totals under the names that boards made by others query: since the beginning, or by session. */
import { COMMUNITY, type CommunityGroup } from '../catalog/community-series.ts';
import type { MeasureName } from '../catalog/measures.ts';
import { fullSessionId, shownSessionId } from '../catalog/session-ids.ts';
import type { ExpositionConfig } from '../config/exposition.ts';
import { DAY_MS } from '../core/duration.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import type { Session, SessionSummary } from '../ledger/sessions.ts';
import type { Block, RowSeries } from './block.ts';
import { addRow, type LabeledRows, type LabelSource, labelsText, otherText, readRows } from './label-rows.ts';
import { labelText } from './label-text.ts';

/** A session is shown for as long after its last record; clients' own series would end after minutes. */
const SESSIONS_MS = DAY_MS;
/** The newest ones: every session costs up to a dozen series. */
const SESSIONS_MAX = 2_000;
const SESSION_LABEL = 'session_id';

const measuresOf = ({ series }: CommunityGroup): MeasureName[] => [...new Set(series.map(({ measure }) => measure))];

/** Counters in name and type, since boards made by others take their increase. */
function seriesOf(group: CommunityGroup): RowSeries[] {
  const measures = measuresOf(group);
  return group.series.map(({ name, measure, labels, divisor }) => ({
    family: { name, help: 'From the ledger, under the name of Claude Code’s own metric.', type: 'counter' as const },
    labels: labelText(labels),
    index: measures.indexOf(measure),
    divisor,
    shownWith: measure === 'cost' ? undefined : measures.indexOf(measure),
  }));
}

const labelsOf = ({ labels }: CommunityGroup, without: ExpositionConfig['without']): LabelSource[] => {
  const left: ReadonlySet<string> = new Set(without);
  return labels.filter(([, from]) => !left.has(from));
};

export async function* communityBlocks(ledger: Pick<LedgerSnapshot, 'query'>, { without }: ExpositionConfig, timeZone: string): AsyncIterable<Block> {
  for (const group of COMMUNITY) {
    const labels = labelsOf(group, without);
    const rows = await readRows(ledger, { labels, measures: measuresOf(group), timeRanges: [{}], timeZone });
    yield { other: otherText(labels.map(([label]) => label)), sources: [{ rows, series: seriesOf(group) }] };
  }
}

type SessionReader = Pick<LedgerSnapshot, 'session' | 'sessions'>;

/** Remembers each session until it changes. */
export class CommunitySessions {
  #known = new Map<string, { readonly seen: string; readonly session: Session }>();

  async blocks(ledger: SessionReader, { without }: ExpositionConfig, nowMs: number): Promise<Block[]> {
    const sessions = await this.#sessions(ledger, nowMs);
    return COMMUNITY.map((group) => {
      const labels = labelsOf(group, without);
      const rows = rowsOf(sessions, labels, measuresOf(group));
      return { other: otherText([...labels.map(([label]) => label), SESSION_LABEL]), sources: [{ rows, series: seriesOf(group) }] };
    });
  }

  async #sessions(ledger: SessionReader, nowMs: number): Promise<Session[]> {
    const known = new Map<string, { readonly seen: string; readonly session: Session }>();
    for (const summary of await ledger.sessions({ fromMs: nowMs - SESSIONS_MS, limit: SESSIONS_MAX })) {
      const seen = stateOf(summary);
      const before = this.#known.get(summary.sessionId);
      const session = before?.seen === seen ? before.session : await ledger.session(fullSessionId(summary.sessionId));
      if (session !== undefined) known.set(summary.sessionId, { seen, session });
    }
    this.#known = known;
    return [...known.values()].map(({ session }) => session);
  }
}

/** A record that changes none of these, such as a prompt, is seen with the next that does. */
const stateOf = ({ lastSeenMs, cost, costBySource }: SessionSummary): string => [lastSeenMs, cost, ...Object.values(costBySource)].join();

function rowsOf(sessions: readonly Session[], labels: readonly LabelSource[], measures: readonly MeasureName[]): LabeledRows {
  const rows = new Map<string, readonly bigint[]>();
  const isByModel = labels.some(([, from]) => from === 'model');
  for (const session of sessions) {
    const id = labelText({ [SESSION_LABEL]: shownSessionId(session.sessionId) });
    const parts = isByModel ? session.models : [{ model: '', totals: session.totals }];
    for (const { model, totals } of parts) {
      const { organization, user } = session;
      const values: Readonly<Record<string, string>> = { organization, user, model };
      const key = labels.map(([, from]) => values[from] ?? '');
      const text = labelsText(labels, key);
      addRow(
        rows,
        text === '' ? id : `${text},${id}`,
        measures.map((name) => totals[name]),
      );
    }
  }
  return rows;
}
