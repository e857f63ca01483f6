/**
 * What Alertmanager and Grafana write to people, in their common template language: how many, the most severe first, what is over and since when.
 * Of many alerts in one message the first ten are listed. Names come from telemetry: nothing in them makes a line, a link or a mention.
 */

import { RANKS } from './rule.ts';

const SHOWN = 10;
const LENGTHS = { summary: 200, text: 900 };

interface Severity {
  readonly label: string;
  readonly word: string;
  readonly color: string;
}
const SEVERITIES: readonly Severity[] = [
  { label: 'critical', word: 'Critical', color: '#b42318' },
  { label: 'warning', word: 'Warning', color: '#9a5b00' },
  { label: 'info', word: 'For information', color: '#1f5fa8' },
];
const RESOLVED: Severity = { label: 'resolved', word: 'Resolved', color: '#1d6b3a' };

/** The alerts that the message is about, and a dot in a string for each of a severity: the template language cannot count. */
const COUNTED = [
  '{{ $alerts := .Alerts.Firing }}{{ if eq .Status "resolved" }}{{ $alerts = .Alerts.Resolved }}{{ end }}',
  SEVERITIES.map(
    ({ label }) =>
      `{{ $${label} := "" }}{{ range $alerts }}{{ if eq .Labels.severity "${label}" }}{{ $${label} = print $${label} "." }}{{ end }}{{ end }}`,
  ).join(''),
].join('');

/** "2 critical, 10 warnings"; the comma stands before all but the first. */
const COUNTS = [
  '{{ with $critical }}{{ len . }} critical{{ end }}',
  '{{ with $warning }}{{ if $critical }}, {{ end }}{{ len . }} warning{{ if gt (len .) 1 }}s{{ end }}{{ end }}',
  '{{ with $info }}{{ if or $critical $warning }}, {{ end }}{{ len . }} info{{ end }}',
].join('');

/** As core/visible.ts: control characters, separators of lines, marks that turn the direction. */
const UNSEEN = '[\\\\pC\\\\p{Zl}\\\\p{Zp}]+';
/** As collector/alerts/channels/sanitize.ts: letters written from right to left, and after them the mark that holds the next figure in its place. */
const LETTER = '[\\\\x{590}-\\\\x{8ff}\\\\x{fb1d}-\\\\x{fdff}\\\\x{fe70}-\\\\x{fefc}]';
const RIGHT_TO_LEFT = `${LETTER}(?:[^\\\\pL\\\\pN]*${LETTER})*`;
const line = (pipeline: string, max = LENGTHS.summary): string =>
  `${pipeline} | reReplaceAll "${UNSEEN}" " " | printf "%.${max}s" | reReplaceAll "(${RIGHT_TO_LEFT})" "$1\\u200e"`;

/** "[warning] " as mails and pagers have it. */
const TAG = '{{ with .Labels.severity }}[{{ . }}] {{ end }}';
/** "Warning: " where the title is all that stands above the figures. */
const WORD = SEVERITIES.map(
  ({ label }) => `{{ if eq .Labels.severity "${label}" }}${label.replace(/^./, (first) => first.toUpperCase())}: {{ end }}`,
).join('');

const titleIn = (escaped: (pipeline: string) => string, severity = TAG): string =>
  [
    COUNTED,
    '{{ if eq .Status "resolved" }}Resolved: {{ end }}',
    '{{ if gt (len $alerts) 1 }}{{ len $alerts }} {{ if match "^LedgerlineBudget" .CommonLabels.alertname }}budget {{ end }}alerts: ',
    COUNTS,
    `{{ else }}{{ with index $alerts 0 }}{{ if ne $.Status "resolved" }}${severity}{{ end }}{{ ${escaped(line('.Annotations.summary'))} }}{{ end }}{{ end }}`,
  ].join('');

const plainly = (pipeline: string): string => pipeline;
/** The three characters that have a meaning in Slack's text. */
const forSlack = (pipeline: string): string => `${pipeline} | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;"`;

export const TITLE = titleIn(plainly);
export const SLACK_TITLE = titleIn(forSlack, WORD);
/** What a card would read as Markdown, in its title too. */
const forTeams = (pipeline: string): string => `${pipeline} | reReplaceAll "([\\\\[\\\\]*_\`])" "\\\\$1"`;
export const TEAMS_TITLE = titleIn(forTeams, WORD);

/** Of the most severe alert in the message. */
export const COLOR = [
  COUNTED,
  `{{ if eq .Status "resolved" }}${RESOLVED.color}`,
  ...SEVERITIES.map(({ label, color }) => `{{ else if $${label} }}${color}`),
  '{{ end }}',
].join('');

/** How a channel writes: what its markup would take for its own, a heading, a link. */
interface Markup {
  readonly escaped: (pipeline: string) => string;
  readonly heading: (severity: Severity, text: string) => string;
  readonly link: (title: string, url: string, color?: string) => string;
  /** Between two links on one line. */
  readonly between: string;
  readonly paragraph: (text: string) => string;
  /** One of the largest contributors. */
  readonly item: (text: string) => string;
  readonly small: (text: string) => string;
  /** To which a summary and any other annotation is cut, in characters. */
  readonly lengths?: { readonly summary: number; readonly text: number };
  /** After each alert, where its heading opened something. */
  readonly end?: string;
}

/** When it fired and ended, in the zone of the machine that writes it (TZ): the template language of all versions knows no other. */
const at = (field: string): string => `{{ .${field}.Local.Format "Mon 2 Jan 2006, 15:04 (MST)" }}`;

const isWeb = (annotation: string): string => `match "^https?:" .Annotations.${annotation}`;
/** What is no address is shown as text, on a line of its own. */
function linksIn({ link, between, paragraph, escaped }: Markup, color: string): string {
  const path = (title: string, annotation: string): string =>
    `{{ if and .Annotations.${annotation} (not (${isWeb(annotation)})) }}${paragraph(`${title}: {{ ${escaped(`.Annotations.${annotation}`)} }}`)}{{ end }}`;
  const board = link('Open the board', '{{ .Annotations.dashboard_url }}', color);
  const runbook = link('What to do', '{{ .Annotations.runbook_url }}');
  const both = `{{ if ${isWeb('dashboard_url')} }}${board}{{ if ${isWeb('runbook_url')} }}${between}{{ end }}{{ end }}{{ if ${isWeb('runbook_url')} }}${runbook}{{ end }}`;
  const any = `{{ if or (${isWeb('dashboard_url')}) (${isWeb('runbook_url')}) }}${paragraph(both)}{{ end }}`;
  return any + path('Open the board', 'dashboard_url') + path('What to do', 'runbook_url');
}

/** What the alert says, each annotation a part of its own, so that no name can make one; see rule.ts. */
function bodyIn({ escaped, paragraph, item, small, lengths = LENGTHS }: Markup): string {
  const part = (annotation: string, write: (text: string) => string, before = ''): string =>
    `{{ with .Annotations.${annotation} }}${before}${write(`{{ ${escaped(line('.', lengths.text))} }}`)}{{ end }}`;
  const [first, ...others] = RANKS.map((rank) => `contributor_${rank}`);
  return [
    part('description', paragraph),
    part('forecast', paragraph),
    part(first ?? '', item, paragraph('Largest contributors, and the change vs the same part of the previous period:')),
    ...others.map((annotation) => part(annotation, item)),
    part('data_age', small),
  ].join('');
}

/** The first ten, the most severe first; then what is over. */
function textIn(markup: Markup): string {
  const { escaped, heading, paragraph, lengths = LENGTHS } = markup;
  const summary = `{{ ${escaped(line('.Annotations.summary', lengths.summary))} }}`;
  const alert = (severity: Severity, body: string): string =>
    [
      `{{ if lt (len $shown) ${SHOWN} }}{{ $shown = print $shown "." }}`,
      heading(severity, summary) + body + linksIn(markup, severity.color) + (markup.end ?? ''),
      '{{ end }}',
    ].join('');
  const firing = SEVERITIES.map(
    (severity) => `{{ range .Alerts.Firing }}{{ if eq .Labels.severity "${severity.label}" }}${alert(severity, bodyIn(markup))}{{ end }}{{ end }}`,
  );
  const over = paragraph(`Fired on ${at('StartsAt')}, resolved on ${at('EndsAt')}.`);
  const resolved = `{{ range .Alerts.Resolved }}${alert(RESOLVED, over)}{{ end }}`;
  const rest = `{{ if gt (len .Alerts) ${SHOWN} }}${paragraph(`Showing the ${SHOWN} most severe of {{ len .Alerts }} alerts; the board shows all.`)}{{ end }}`;
  return ['{{ $shown := "" }}', ...firing, resolved, rest].join('');
}

const below = (text: string): string => `${text}\n`;
/** Before all but the first alert. */
const APART = '{{ if gt (len $shown) 1 }}\n{{ end }}';
/** Of a single alert the title says it already. */
const ofSeveral = (heading: string): string => `{{ if gt (len $.Alerts) 1 }}${heading}{{ end }}`;

export const TEXT = textIn({
  escaped: plainly,
  heading: ({ word }, text) => `${APART}${word.toUpperCase()}: ${text}\n`,
  link: (title, url) => `${title}: ${url}`,
  between: '\n',
  paragraph: below,
  item: (text) => `- ${text}\n`,
  small: below,
});

export const SLACK_TEXT = textIn({
  escaped: forSlack,
  heading: ({ word }, text) => ofSeveral(`${APART}*${word}*: ${text}\n`),
  link: (title, url) => `<${url}|${title}>`,
  between: ' · ',
  paragraph: below,
  item: (text) => `• ${text}\n`,
  small: below,
});

/** Cards read a part of Markdown, and end a paragraph at an empty line. */
export const TEAMS_TEXT = textIn({
  escaped: forTeams,
  // Teams refuses a message above 28 kB: ten alerts of the widest letters fit.
  lengths: { summary: 120, text: 400 },
  heading: ({ word }, text) => ofSeveral(`**${word}**: ${text}\n\n`),
  link: (title, url) => `[${title}](${url})`,
  between: ' · ',
  paragraph: (text) => `${text}\n\n`,
  item: (text) => `- ${text}\n\n`,
  small: (text) => `${text}\n\n`,
});

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const DARK =
  ':root{color-scheme:light dark}@media(prefers-color-scheme:dark){.page{background:#111417 !important;color:#eceff2 !important}.card{background:#1b2025 !important;border-color:#333a42 !important}.soft{color:#a9b2bc !important}.link{color:#8ab8f0 !important}}';

/** The look of the collector's own mail. Alertmanager escapes what it puts into it. */
export const HTML = [
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><style>${DARK}</style></head>`,
  `<body class="page" style="margin:0;padding:16px 8px;background:#f2f4f6;color:#16191d;${FONT}"><div style="max-width:600px;margin:0 auto">`,
  // Of one alert, its card says it all.
  `{{ if gt (len .Alerts) 1 }}<h1 style="margin:0 0 12px;font-size:21px;line-height:1.3;overflow-wrap:anywhere">${TITLE}</h1>{{ end }}`,
  textIn({
    escaped: plainly,
    heading: ({ word, color }, text) =>
      `<div class="card" style="margin:0 0 12px;background:#ffffff;border:1px solid #d9dee3;border-radius:9px;padding-bottom:6px"><div style="background:${color};padding:10px 20px;border-radius:8px 8px 0 0;color:#ffffff;font-size:13px;font-weight:600">${word}</div><p style="margin:0;padding:14px 20px;font-size:17px;font-weight:600;line-height:1.4;overflow-wrap:anywhere">${text}</p>`,
    link: (title, url, color) =>
      color === undefined
        ? `<a class="link" href="${url}" style="display:inline-block;padding:9px 0;color:#1f5fa8">${title}</a>`
        : `<a href="${url}" style="display:inline-block;padding:9px 16px;margin:0 12px 0 0;background:${color};color:#ffffff;font-weight:600;text-decoration:none;border-radius:6px">${title}</a>`,
    between: '',
    paragraph: (text) => `<p style="margin:0 20px 10px;font-size:15px;line-height:1.5;overflow-wrap:anywhere">${text}</p>`,
    item: (text) => `<p style="margin:0 20px 6px;padding-left:12px;font-size:15px;line-height:1.4;overflow-wrap:anywhere">${text}</p>`,
    small: (text) => `<p class="soft" style="margin:10px 20px;font-size:13px;line-height:1.5;color:#5b636d">${text}</p>`,
    end: '</div>',
  }),
  '</div></body></html>',
].join('');

/** Alerts of budgets per member: sent together, or a limit that thousands reach at once would be thousands of messages. */
export const OF_MEMBERS = '.+/.+';

/** How long what is new about members waits for more. */
export const membersInterval = (messagesPerHour: number): string => `${Math.ceil(60 / messagesPerHour)}m`;
