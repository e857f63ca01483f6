/** Whether what stands on the page still holds. Where it may not, the page says so beside the figures and dims them. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import { byId, element } from './dom.ts';
import { age } from './format.ts';

/** An answer that several refreshes did not renew. */
const ANSWER_OLD_MS = 1.5 * MINUTE_MS;
/** A day without a record may be a day off; the page says it from the first hour on. */
const DATA_OLD_MS = HOUR_MS;
const DATA_DIM_MS = DAY_MS;

/** Of the last answer that was drawn. */
export interface Read {
  /** By this machine's clock. */
  readonly atMs: number;
  /** When the newest record was booked; null: nothing was yet. */
  readonly asOf: string | null;
  /** By how much this machine's clock is ahead of the collector's. */
  readonly clockAheadMs: number;
  /** Does its time range reach the present? What is over does not grow old. */
  readonly isOfPresent: boolean;
}

export const clockTime = (ms: number): string => new Date(ms).toLocaleTimeString('en-GB');

const ageOf = ({ asOf, clockAheadMs }: Read, nowMs: number): number | undefined =>
  asOf === null ? undefined : Math.max(0, nowMs - clockAheadMs - Date.parse(asOf));

/** In the header: how old the newest record is. */
export function showAge(read: Read | undefined, nowMs = Date.now()): void {
  if (read === undefined) return;
  const node = byId('age');
  const ageMs = ageOf(read, nowMs);
  node.classList.toggle('is-old', ageMs === undefined || ageMs > DATA_OLD_MS);
  node.textContent = ageMs === undefined ? 'no data yet' : `data ${age(ageMs)} old`;
  node.title = read.asOf === null ? '' : `The newest record was booked on ${new Date(read.asOf).toLocaleString()}.`;
}

/** Beside the figures: what is old about them. What a failure says already (`isAway`) is not said twice. */
export function showFreshness(main: HTMLElement, read: Read | undefined, isAway: boolean, nowMs = Date.now()): void {
  const { text, isDimmed } = staleness(read, nowMs);
  main.classList.toggle('is-stale', isAway || isDimmed);
  const shown = isAway || main.querySelector('.board') === null ? '' : text;
  const node = main.querySelector('#stale');
  if (shown === '') node?.remove();
  else if (node === null) main.prepend(element('p', { class: 'notice', id: 'stale', role: 'status' }, shown));
  else if (node.textContent !== shown) node.textContent = shown;
}

function staleness(read: Read | undefined, nowMs: number): { readonly text: string; readonly isDimmed: boolean } {
  if (read === undefined) return { text: '', isDimmed: false };
  const answerMs = nowMs - read.atMs;
  if (answerMs > ANSWER_OLD_MS)
    return {
      text: `These figures were read ${age(answerMs)} ago, at ${clockTime(read.atMs)}. The collector has not answered since.`,
      isDimmed: true,
    };
  const dataMs = ageOf(read, nowMs);
  if (dataMs === undefined || dataMs <= DATA_OLD_MS || !read.isOfPresent) return { text: '', isDimmed: false };
  return { text: `No telemetry for ${age(dataMs)}: what was used since then is not in these figures.`, isDimmed: dataMs > DATA_DIM_MS };
}
