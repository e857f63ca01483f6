/**
 * What Alertmanager and Grafana write to people, in their common template language: how many, the most severe first, what is over and since when.
 * Of many alerts in one message the first ten are listed. Names come from telemetry: nothing in them makes a line, a link or a mention.
 */

const SHOWN = 10;
const SUMMARY_MAX = 200;
const TEXT_MAX = 900;

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
const line = (pipeline: string, max = SUMMARY_MAX): string => `${pipeline} | reReplaceAll "${UNSEEN}" " " | printf "%.${max}s"`;

const titleIn = (escaped: (pipeline: string) => string): string =>
  [
    COUNTED,
    '{{ if eq .Status "resolved" }}Resolved: {{ end }}',
    '{{ if gt (len $alerts) 1 }}{{ len $alerts }} {{ if match "^LedgerlineBudget" .CommonLabels.alertname }}budget {{ end }}alerts: ',
    COUNTS,
    `{{ else }}{{ with index $alerts 0 }}{{ if ne $.Status "resolved" }}{{ with .Labels.severity }}[{{ . }}] {{ end }}{{ end }}{{ ${escaped(line('.Annotations.summary'))} }}{{ end }}{{ end }}`,
  ].join('');

const plainly = (pipeline: string): string => pipeline;
/** The three characters that have a meaning in Slack's text. */
const forSlack = (pipeline: string): string => `${pipeline} | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;"`;

export const TITLE = titleIn(plainly);
export const SLACK_TITLE = titleIn(forSlack);

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
  readonly link: (title: string, url: string) => string;
  readonly paragraph: (text: string) => string;
  /** After each alert, where its heading opened something. */
  readonly end?: string;
}

/** When it fired and ended. Alertmanager knows no zone but UTC. */
const at = (field: string): string => `{{ .${field}.UTC.Format "Mon 2 Jan 2006, 15:04" }} (UTC)`;

const link = (title: string, annotation: string, { link: linked, paragraph, escaped }: Markup): string =>
  [
    `{{ if match "^https?:" .Annotations.${annotation} }}${linked(title, `{{ .Annotations.${annotation} }}`)}`,
    `{{ else if .Annotations.${annotation} }}${paragraph(`${title}: {{ ${escaped(`.Annotations.${annotation}`)} }}`)}{{ end }}`,
  ].join('');

/** The first ten, the most severe first; then what is over. */
function textIn(markup: Markup): string {
  const { escaped, heading, paragraph } = markup;
  const summary = `{{ ${escaped(line('.Annotations.summary'))} }}`;
  const links = link('Open the board', 'dashboard_url', markup) + link('What to do', 'runbook_url', markup) + (markup.end ?? '');
  const shown = (body: string): string => `{{ if lt (len $shown) ${SHOWN} }}{{ $shown = print $shown "." }}${body}{{ end }}`;
  const firing = SEVERITIES.map(
    (severity) =>
      `{{ range .Alerts.Firing }}{{ if eq .Labels.severity "${severity.label}" }}${shown(heading(severity, summary) + paragraph(`{{ ${escaped(line('.Annotations.description', TEXT_MAX))} }}`) + links)}{{ end }}{{ end }}`,
  );
  const resolved = `{{ range .Alerts.Resolved }}${shown(heading(RESOLVED, summary) + paragraph(`Fired on ${at('StartsAt')}, resolved on ${at('EndsAt')}.`) + links)}{{ end }}`;
  const rest = `{{ if gt (len .Alerts) ${SHOWN} }}${paragraph(`Showing the ${SHOWN} most severe of {{ len .Alerts }} alerts; the board shows all.`)}{{ end }}`;
  return ['{{ $shown := "" }}', ...firing, resolved, rest].join('');
}

const below = (text: string): string => `${text}\n`;
/** Before all but the first alert. */
const APART = '{{ if gt (len $shown) 1 }}\n{{ end }}';

export const TEXT = textIn({
  escaped: plainly,
  heading: ({ word }, text) => `${APART}${word.toUpperCase()}: ${text}\n`,
  link: (title, url) => `${title}: ${url}\n`,
  paragraph: below,
});

export const SLACK_TEXT = textIn({
  escaped: forSlack,
  heading: ({ word }, text) => `${APART}*${word}*: ${text}\n`,
  link: (title, url) => `<${url}|${title}>\n`,
  paragraph: below,
});

/** Cards read a part of Markdown, and end a paragraph at an empty line. */
export const TEAMS_TEXT = textIn({
  escaped: (pipeline) => `${pipeline} | reReplaceAll "([\\\\[\\\\]*_\`])" "\\\\$1"`,
  heading: ({ word }, text) => `**${word}**: ${text}\n\n`,
  link: (title, url) => `[${title}](${url})\n\n`,
  paragraph: (text) => `${text}\n\n`,
});

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const DARK =
  ':root{color-scheme:light dark}@media(prefers-color-scheme:dark){.page{background:#111417 !important;color:#eceff2 !important}.card{background:#1b2025 !important;border-color:#333a42 !important}.link{color:#8ab8f0 !important}}';

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
    link: (title, url) => `<p style="margin:0 20px 10px;font-size:15px"><a class="link" href="${url}" style="color:#1f5fa8">${title}</a></p>`,
    paragraph: (text) => `<p style="margin:0 20px 10px;font-size:15px;line-height:1.5;overflow-wrap:anywhere">${text}</p>`,
    end: '</div>',
  }),
  '</div></body></html>',
].join('');

/** Alerts of budgets per member: sent together, or a limit that thousands reach at once would be thousands of messages. */
export const OF_MEMBERS = '.+/.+';

/** How long what is new about members waits for more. */
export const membersInterval = (messagesPerHour: number): string => `${Math.ceil(60 / messagesPerHour)}m`;

const THOUSANDS = ' | reReplaceAll "(\\\\d)(\\\\d{3})\\\\b" "$1,$2"';

/** A pipeline that ends in a number's text, with separators of thousands up to a trillion: each step finds the rightmost group without one. */
export const grouped = (pipeline: string): string => pipeline + THOUSANDS.repeat(4);

/** 0.8 as "80 %". */
export const percent = (pipeline: string): string => `${pipeline} | humanizePercentage | reReplaceAll "%" " %"`;
