/** What Alertmanager and Grafana write to people, in their common template language. Of many alerts in one message the first ten are listed. */

const SHOWN = 10;

export const TITLE = [
  '{{ if eq .Status "resolved" }}Resolved: {{ end }}{{ with index .Alerts 0 }}{{ .Annotations.summary }}{{ end }}',
  '{{ if gt (len .Alerts) 1 }} ({{ len .Alerts }} alerts){{ end }}',
].join('');

export const TEXT = [
  `{{ range $index, $alert := .Alerts }}{{ if lt $index ${SHOWN} }}{{ .Annotations.description }}\n{{ .Annotations.dashboard_url }}\n{{ .Annotations.runbook_url }}\n{{ end }}{{ end }}`,
  `{{ if gt (len .Alerts) ${SHOWN} }}Showing ${SHOWN} of {{ len .Alerts }} alerts; the board shows all.\n{{ end }}`,
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
