/**
 * A message as an HTML mail: tables and inline styles, as mail programs want them, one column that fits a phone. The colors of the dark
 * theme are in a style sheet, which programs that have no dark theme may ignore.
 */
import type { AlertMessage } from '../../message.ts';
import { tidy } from '../sanitize.ts';

interface Mood {
  readonly word: string;
  /** White text on it has a contrast of at least 4.5. */
  readonly color: string;
}

const MOODS: Readonly<Record<AlertMessage['mood'], Mood>> = {
  critical: { word: 'Critical', color: '#b42318' },
  warning: { word: 'Warning', color: '#9a5b00' },
  info: { word: 'For information', color: '#1f5fa8' },
  resolved: { word: 'Resolved', color: '#1d6b3a' },
  digest: { word: 'Digest', color: '#4a4f57' },
  request: { word: 'Request', color: '#5b3fa0' },
};

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
/** A name without a space must not make the mail wider than a phone. */
const BREAKING = 'word-break:break-word;overflow-wrap:anywhere';
const DARK = `
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .page { background: #111417 !important; }
    .card { background: #1b2025 !important; border-color: #333a42 !important; }
    .ink { color: #eceff2 !important; }
    .soft { color: #a9b2bc !important; }
    .line { border-color: #333a42 !important; }
    .track { background: #333a42 !important; }
    .link { color: #8ab8f0 !important; }
  }`;

export function renderHtml(given: AlertMessage): string {
  const message = tidy(given);
  const { word, color } = MOODS[message.mood];
  const rows = [
    `<tr><td style="background:${color};padding:10px 20px;border-radius:8px 8px 0 0;color:#ffffff;font-size:13px;font-weight:600;letter-spacing:.3px">${word}</td></tr>`,
    row(`<h1 class="ink" style="margin:0;font-size:21px;line-height:1.3;color:#16191d;${BREAKING}">${escaped(message.title)}</h1>`, '20px 20px 0'),
    row(`<p class="ink" style="margin:0;font-size:15px;line-height:1.5;color:#16191d;${BREAKING}">${escaped(message.summary)}</p>`, '10px 20px 0'),
    message.used === undefined ? '' : row(bar(message.used, color), '16px 20px 0'),
    row(factTable(message.facts), '16px 20px 0'),
    message.contributors.length === 0 ? '' : row(contributorTable(message), '18px 20px 0'),
    message.links.some(isWeb) ? row(buttons(message.links, color), '20px 20px 0') : '',
    row(`<p class="soft" style="margin:0;font-size:13px;line-height:1.5;color:#5b636d;${BREAKING}">${footer(message)}</p>`, '16px 20px 20px'),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escaped(message.title)}</title><style>${DARK}</style></head>
<body class="page" style="margin:0;padding:0;background:#f2f4f6;${FONT}">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f2f4f6"><tr><td align="center" style="padding:16px 8px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border:1px solid #d9dee3;border-radius:9px;text-align:left">
${rows.join('\n')}
</table></td></tr></table></body></html>
`;
}

const row = (content: string, padding: string): string => `<tr><td style="padding:${padding}">${content}</td></tr>`;

/** The used share; beyond the whole it stays full, and the figures say by how much. */
function bar(used: number, color: string): string {
  const width = Math.max(0, Math.min(100, Math.floor((Number.isFinite(used) ? used : 1) * 100)));
  const filled =
    width === 0 ? '' : `<td width="${width}%" style="background:${color};height:10px;border-radius:5px;font-size:0;line-height:0">&nbsp;</td>`;
  const rest = width === 100 ? '' : '<td style="height:10px;font-size:0;line-height:0">&nbsp;</td>';
  return `<table role="presentation" class="track" width="100%" cellpadding="0" cellspacing="0" style="background:#e3e7eb;border-radius:5px"><tr>${filled}${rest}</tr></table>`;
}

function factTable(facts: AlertMessage['facts']): string {
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><td class="soft line" valign="top" style="padding:7px 14px 7px 0;border-top:1px solid #e3e7eb;font-size:14px;line-height:1.4;color:#5b636d;white-space:nowrap">${escaped(label)}</td><td class="ink line" style="padding:7px 0;border-top:1px solid #e3e7eb;font-size:14px;line-height:1.4;color:#16191d;word-break:break-word">${escaped(value)}</td></tr>`,
  );
  return `<table width="100%" cellpadding="0" cellspacing="0">${rows.join('')}</table>`;
}

function contributorTable({ contributors, contributorsTitle }: AlertMessage): string {
  const cell = 'padding:7px 0 7px 10px;border-top:1px solid #e3e7eb;font-size:14px;line-height:1.4;text-align:right;white-space:nowrap';
  const rows = contributors.map(
    ({ name, amount, share, change }) =>
      `<tr><td class="ink line" style="padding:7px 0;border-top:1px solid #e3e7eb;font-size:14px;line-height:1.4;color:#16191d;word-break:break-word">${escaped(name)}</td><td class="ink line" style="${cell};color:#16191d">${escaped(amount)}<br><span class="soft" style="font-size:13px;color:#5b636d">${escaped(share)}</span></td><td class="soft line" style="${cell};color:#5b636d">${escaped(change)}</td></tr>`,
  );
  return `<h2 class="ink" style="margin:0 0 6px;font-size:15px;color:#16191d">${escaped(contributorsTitle)}</h2><table width="100%" cellpadding="0" cellspacing="0">${rows.join('')}</table>`;
}

const isWeb = ({ url }: AlertMessage['links'][number]): boolean => /^https?:/.test(url);

function buttons(links: AlertMessage['links'], color: string): string {
  return links
    .filter(isWeb)
    .map(({ title, url }, index) =>
      index === 0
        ? `<a href="${escaped(url)}" style="display:inline-block;padding:11px 18px;margin:0 12px 8px 0;background:${color};color:#ffffff;font-size:15px;font-weight:600;text-decoration:none;border-radius:6px">${escaped(title)}</a>`
        : `<a class="link" href="${escaped(url)}" style="display:inline-block;padding:11px 0;margin:0 14px 0 0;color:#1f5fa8;font-size:15px">${escaped(title)}</a>`,
    )
    .join('');
}

/** A runbook in the repository is a path, not an address. */
const footer = ({ dataAge, links }: AlertMessage): string =>
  [dataAge, ...links.filter((link) => !isWeb(link)).map(({ title, url }) => `${title}: ${url}`)].map(escaped).join('<br>');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
