/** The page behind a link to a request, as HTML. All that it shows is text. */

import type { Fact } from '../alerts/message.ts';
import type { RequestLink } from '../alerts/request-link.ts';
import { oneLine } from '../core/visible.ts';
import { htmlDocument } from './html-document.ts';
import { escapeHtml } from './reference/html.ts';

const shown = (text: string): string => escapeHtml(oneLine(text));

/** It stands alone: who opens it may have no business on the boards. */
export const requestPage = (title: string, main: string): string =>
  htmlDocument(
    shown(title),
    `<body class="is-alone">
    <main class="sign-in-failure reference">
      <h1>${shown(title)}</h1>
      ${main}
    </main>
  </body>`,
  );

export const paragraph = (text: string, kind?: 'notice' | 'soft'): string => {
  if (kind === 'notice') return `<p role="status"><strong>${shown(text)}</strong></p>`;
  return `<p>${kind === 'soft' ? `<small>${shown(text)}</small>` : shown(text)}</p>`;
};

export const factList = (facts: readonly Fact[]): string =>
  `<section class="card"><ul class="fields">${facts.map(({ label, value }) => `<li><strong>${shown(label)}</strong> ${shown(value)}</li>`).join('')}</ul></section>`;

const WORDS = {
  approve: { button: 'Approve the raise', done: 'raises the budget' },
  deny: { button: 'Deny the request', done: 'denies the request' },
} as const;

/** To ask for more. `by`: what is suggested, '' for nothing. Posted as the other one. */
export const askForm = (unit: 'USD' | 'tokens', by: string, why: string): string =>
  `<form method="post"><p><label for="by">How much more, in ${unit}</label><br><input id="by" name="by" inputmode="decimal" maxlength="30" size="12" value="${shown(by)}" required></p><p><label for="why">Why, for whoever approves</label><br><input id="why" name="why" maxlength="500" size="30" value="${shown(why)}" required></p><p><button class="button" type="submit">Ask for more</button></p></form>`;

/** Posted to the address of the page itself, which is the signed link. */
export function formOf({ answer, channel }: Pick<RequestLink, 'answer' | 'channel'>, who: string): string {
  const { button, done } = WORDS[answer];
  const why = `<p><label for="why">Why, for whoever asked</label><br><input id="why" name="why" maxlength="500" size="30" required></p>`;
  return `<form method="post">${answer === 'deny' ? why : ''}<p><button class="button" type="submit">${button}</button></p>${paragraph(
    `This ${done}, once. The audit has it under the name "${who}": the signed link that was sent to the channel ${channel}.`,
  )}</form>`;
}
