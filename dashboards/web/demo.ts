/** A demo says on every board that its figures are of a made-up organization, and how far its past has been sent. */
import type { MeAnswer } from '../../collector/query/me.ts';
import { byId, element } from './dom.ts';

const PREFIX = 'Demo · ';

let isDemo = false;

export const pageTitle = (title: string): string => `${isDemo ? PREFIX : ''}${title} · Ledgerline`;

export const isFilling = (demo: MeAnswer['demo']): boolean => demo !== null && demo.days_sent < demo.days;

export function showDemo(demo: MeAnswer['demo']): void {
  const node = byId('demo');
  node.hidden = demo === null;
  if (isDemo !== (demo !== null)) {
    isDemo = demo !== null;
    document.title = isDemo ? `${PREFIX}${document.title}` : document.title.replace(PREFIX, '');
  }
  if (demo === null) return;
  const { days_sent: sent, days } = demo;
  const sending = isFilling(demo) ? ` Its history is being sent: ${sent} of ${days} days.` : '';
  const text = `a made-up organization.${sending}`;
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  node.replaceChildren(
    element('strong', {}, 'Demo:'),
    ` ${text}`,
    ...(isFilling(demo) ? [element('progress', { value: sent, max: days, 'aria-label': 'Days of the history that have been sent' })] : []),
  );
}
