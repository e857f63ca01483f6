/** Who looks at the page, and what they see: in the navigation, for those who do not see everything or are signed in. */
import type { MeAnswer } from '../../collector/query/me.ts';
import { ask } from './client.ts';
import { showDemo } from './demo.ts';
import { byId, element } from './dom.ts';
import { forgetToken } from './token.ts';

/** Where one signs in; undefined where the collector has no sign-in. */
export const signInPath = (): string | undefined =>
  document
    .querySelector<HTMLMetaElement>('meta[name="ledgerline-sign-in"]')
    ?.content.concat(`?return=${encodeURIComponent(location.pathname + location.search)}`);

/** A token that does not help would be sent along and refused, whoever is signed in. */
export const signInLink = (path: string): HTMLElement => element('a', { class: 'button', href: path, click: forgetToken }, 'Sign in');

/** The cast is the wire edge: our own server's answer. Without one, as with another token, nothing is shown. */
export async function showWho(signal: AbortSignal): Promise<MeAnswer | undefined> {
  const answered = await ask<MeAnswer>('/api/v1/me', signal).catch(() => undefined);
  const node = byId('who');
  const me = answered?.answer;
  if (me !== undefined) showDemo(me.demo);
  node.hidden = me === undefined || (me.sees_everything && me.signed_in_until === null);
  if (me === undefined || node.hidden) return me;
  node.replaceChildren(
    element('span', { class: 'who-name' }, me.user ?? me.name ?? 'You'),
    element('span', { class: 'who-scope' }, me.sees_everything ? 'sees everything' : `sees ${scopeWords(me)}`),
    ...(me.signed_in_until === null ? [] : [element('a', { href: '/auth/logout' }, 'Sign out')]),
  );
  return me;
}

const scopeWords = ({ sees }: MeAnswer): string =>
  sees.length === 0 ? 'nothing' : sees.map(({ dimension, values }) => `${dimension} ${values.join(', ') || '(none)'}`).join(' · ');
