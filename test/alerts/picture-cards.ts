/** Messages for Slack and Teams drawn as those draw them, near enough to see what is cut, what wraps and what stands first. */
import { escapeHtml } from '../../collector/api/reference/html.ts';

const STYLE = `:root{color-scheme:light dark;--page:#fff;--ink:#1d1c1d;--soft:#616061;--edge:#ddd;--card:#fff;--link:#1264a3}
@media(prefers-color-scheme:dark){:root{--page:#1a1d21;--ink:#d1d2d3;--soft:#ababad;--edge:#3a3d42;--card:#222529;--link:#6cb0e8}}
body{margin:0;padding:16px;background:var(--page);color:var(--ink);font:15px/1.45 'Segoe UI',Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
a{color:var(--link);text-decoration:none}h2{margin:0 0 8px;font-size:18px}p{margin:8px 0;white-space:pre-wrap}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px;white-space:pre-wrap}.small{color:var(--soft);font-size:12px}
.small>*{margin-right:10px}.card{background:var(--card);border:1px solid var(--edge);border-radius:6px;padding:14px;max-width:600px}
.bar{border-left:4px solid;padding-left:12px;max-width:600px}dl{display:grid;grid-template-columns:minmax(90px,auto) 1fr;gap:4px 14px;margin:8px 0}
dt{font-weight:600}dd{margin:0}.action{display:inline-block;border:1px solid var(--edge);border-radius:4px;padding:4px 12px;margin:6px 8px 0 0}
.warning{color:#9a5b00}.attention{color:#c4314b}.good{color:#1d6b3a}.accent{color:#1f5fa8}
@media(prefers-color-scheme:dark){.warning{color:#f0b54f}.attention{color:#f5757f}.good{color:#7fd39a}.accent{color:#8ab8f0}}`;

const page = (body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><style>${STYLE}</style></head><body>${body}</body></html>`;

const EMOJI: Readonly<Record<string, string>> = {
  rotating_light: '🚨',
  warning: '⚠️',
  information_source: 'ℹ️',
  white_check_mark: '✅',
  bar_chart: '📊',
};

/** What Slack sends is escaped already, but for quotation marks, which are harmless in text. */
const slackText = (text: string): string =>
  text
    .replaceAll(/<(https?:[^|>]+)\|([^>]*)>/g, (_, url: string, title: string) => `<a href="${url.replaceAll('"', '%22')}">${title}</a>`)
    .replaceAll(/\*([^*\n]+)\*/g, '<b>$1</b>');
const slackPlain = (text: string): string => escapeHtml(text).replaceAll(/:(\w+):/g, (sign, name: string) => EMOJI[name] ?? sign);

interface SlackText {
  readonly text: string;
}
interface SlackBlock {
  readonly type: string;
  readonly text?: SlackText;
  readonly fields?: readonly SlackText[];
  readonly elements?: readonly SlackText[];
}

function slackBlock({ type, text, fields = [], elements = [] }: SlackBlock): string {
  if (type === 'header') return `<h2>${slackPlain(text?.text ?? '')}</h2>`;
  if (type === 'context') return `<div class="small">${elements.map((one) => `<span>${slackText(one.text)}</span>`).join('')}</div>`;
  if (type === 'divider') return '<hr>';
  const grid = fields.length === 0 ? '' : `<div class="fields">${fields.map((one) => `<div>${slackText(one.text)}</div>`).join('')}</div>`;
  return (text === undefined ? '' : `<p>${slackText(text.text)}</p>`) + grid;
}

export const slackPage = ({ blocks }: { readonly blocks: readonly SlackBlock[] }): string =>
  page(`<div style="max-width:600px">${blocks.map(slackBlock).join('')}</div>`);

export interface SlackAttachment {
  readonly title: string;
  readonly color: string;
  readonly text: string;
}

export const attachmentPage = ({ title, color, text }: SlackAttachment): string =>
  page(`<div class="bar" style="border-color:${escapeHtml(color)}"><b>${slackText(title)}</b><p>${slackText(text)}</p></div>`);

interface CardPart {
  readonly type: string;
  readonly text?: string;
  readonly color?: string;
  readonly weight?: string;
  readonly size?: string;
  readonly isSubtle?: boolean;
  readonly facts?: readonly { readonly title: string; readonly value: string }[];
}
interface TeamsMessage {
  readonly attachments: readonly {
    readonly content: { readonly body: readonly CardPart[]; readonly actions?: readonly { readonly title: string; readonly url: string }[] };
  }[];
}

/** Cards read a part of Markdown: what is escaped in it is shown as it is. */
const unescaped = (text: string): string => escapeHtml(text.replaceAll(/\\([[\]*_`~#>-])/g, '$1'));

function cardPart({ text = '', color = '', weight = '', size = '', isSubtle = false, facts = [] }: CardPart): string {
  if (facts.length > 0) return `<dl>${facts.map(({ title, value }) => `<dt>${unescaped(title)}</dt><dd>${unescaped(value)}</dd>`).join('')}</dl>`;
  const style = `${weight === 'bolder' ? 'font-weight:700;' : ''}${size === 'large' ? 'font-size:19px;' : ''}`;
  return `<p class="${isSubtle ? 'small' : color}" style="${style}">${unescaped(text)}</p>`;
}

export function teamsPage({ attachments }: TeamsMessage): string {
  const cards = attachments.map(({ content: { body, actions = [] } }) => {
    const buttons = actions.map(({ title, url }) => `<a class="action" href="${escapeHtml(url)}">${escapeHtml(title)}</a>`).join('');
    return `<div class="card">${body.map(cardPart).join('')}${buttons}</div>`;
  });
  return page(cards.join(''));
}

/** The card that Alertmanager makes of a title and Markdown. */
export function markdownCard({ title, text }: Pick<SlackAttachment, 'title' | 'text'>): string {
  const paragraph = (part: string): string =>
    escapeHtml(part)
      .replaceAll(/(?<!\\)\[([^\]]+)\]\((https?:[^)]+)\)/g, '<a href="$2">$1</a>')
      .replaceAll(/(?<!\\)\*\*([^*]+)\*\*/g, '<b>$1</b>')
      .replace(/^- /, '• ')
      .replaceAll(/\\([[\]*_`])/g, '$1');
  const body = text
    .trim()
    .split(/\n{2,}/)
    .map((part) => `<p>${paragraph(part)}</p>`);
  return page(`<div class="card"><p style="font-weight:700;font-size:19px">${paragraph(title)}</p>${body.join('')}</div>`);
}
