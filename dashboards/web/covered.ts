/** On Overview: how much of its spend plans cover. It is in every total of cost, and nobody is billed for it. */
import type { PlansAnswer } from '../../collector/query/plans.ts';
import { ask } from './client.ts';
import { element } from './dom.ts';
import { shortAmount } from './format.ts';
import { boardAddress } from './place.ts';
import { type Selection, timeOrThisMonth, toSearch } from './state.ts';

/** Boards that have it. */
export const COVERED_BOARDS: readonly string[] = ['overview'];

/** Only of everything: seats are not by team. The zone of days is UTC, as providers bill. */
export async function showCovered(board: HTMLElement, selection: Selection, signal: AbortSignal): Promise<void> {
  if (selection.where.length > 0) return;
  const { tz: _, ...timeRange } = selection.timeRange;
  const search = toSearch({ timeRange: timeOrThisMonth({ timeRange }), where: [] });
  const answered = await ask<PlansAnswer>(`/api/v1/plans${search}`, signal).catch(() => undefined);
  if (answered === undefined || signal.aborted) return;
  const before = board.querySelector('.covered');
  const { reported_usd: covered } = answered.answer.total;
  if (Number(covered) === 0) return before?.remove();
  const note = element(
    'p',
    { class: 'board-about covered' },
    `${shortAmount(covered, 'usd')} of the spend is notional: plans cover it, and their seats are paid for. `,
    element('a', { href: boardAddress('reconciliation', selection) }, 'Seats and their value'),
  );
  if (before === null) board.querySelector('.board-about')?.after(note);
  else before.replaceWith(note);
}
