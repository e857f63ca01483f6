/** Where a message leads: to the boards of the collector's own page unless Grafana is configured, and to the runbook. */
import { ALERT_BOARDS, type AlertName } from './alert-names.ts';
import { PRODUCT, ROUTES } from './names.ts';

export interface LinkBases {
  /** Address of the collector's page as readers have it; '' where nobody configured one: links are paths then, and messages show them as text. */
  readonly publicUrl: string;
  /** Of Grafana; undefined: the collector's own boards. */
  readonly grafanaUrl: string | undefined;
  /** Folder or address of runbooks of your own, each `<alert>.md`; undefined: the collector serves them. */
  readonly runbooksUrl: string | undefined;
}

interface Addresses {
  readonly server: { readonly public_url?: string | undefined };
  readonly auth: { readonly oidc?: { readonly base_url: string } | undefined };
  readonly alerts: { readonly grafana_url?: string | undefined; readonly runbooks_url?: string | undefined };
}

/** Who signs in has named the address of the page already. */
export const linkBases = ({ server, auth, alerts }: Addresses): LinkBases => ({
  publicUrl: withoutSlash(server.public_url ?? auth.oidc?.base_url ?? ''),
  grafanaUrl: alerts.grafana_url === undefined ? undefined : withoutSlash(alerts.grafana_url),
  runbooksUrl: alerts.runbooks_url === undefined ? undefined : withoutSlash(alerts.runbooks_url),
});

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** What the alert is about, by its id: a uid of Grafana without the product's name. */
export const boardOf = (alert: AlertName): string => ALERT_BOARDS[alert].slice(PRODUCT.length + 1);

/** `team` is written as it stands in the address: encoded, or a template that encodes it. '' for no team. */
export function boardUrl(board: string, team: string, { publicUrl, grafanaUrl }: LinkBases): string {
  if (grafanaUrl !== undefined) return `${grafanaUrl}/d/${PRODUCT}-${board}${team === '' ? '' : `?var-team=${team}`}`;
  return `${publicUrl}${board === 'overview' ? '/' : `/boards/${board}`}${team === '' ? '' : `?where=team:${team}`}`;
}

export const runbookUrl = (alert: AlertName, { publicUrl, runbooksUrl }: LinkBases): string =>
  runbooksUrl === undefined ? `${publicUrl}${ROUTES.runbooks}/${alert}` : `${runbooksUrl}/${alert}.md`;
