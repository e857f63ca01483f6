/** Text as HTML. What comes from schemas is text, never markup; `code` between back quotes is the one exception. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);

export const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;

/** A paragraph for each line. */
export const prose = (text: string): string =>
  text
    .split('\n')
    .map((line) => `<p>${inline(line)}</p>`)
    .join('');

export const inline = (text: string): string => escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
