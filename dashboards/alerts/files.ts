/** The alerts as files for those who evaluate and deliver them, from a configuration: the repository's own, or an operator's. */
import { stringify } from 'yaml';
import { linkBases } from '../../collector/catalog/alert-links.ts';
import { PRODUCT } from '../../collector/catalog/names.ts';
import type { Config } from '../../collector/config/config.ts';
import { alertmanagerConfig } from './alertmanager.ts';
import { grafanaAlerting } from './grafana.ts';
import { alertRules } from './rules.ts';

export const RULE_FILE = `${PRODUCT}-rules.yaml`;

export type AlertTarget = 'rules' | 'alertmanager' | 'grafana';
type AlertSettings = Pick<Config, 'alerts' | 'timezone' | 'server' | 'auth'>;

/** File name -> text, for Prometheus (rule_files), Alertmanager (its configuration) or Grafana (provisioning/alerting). */
export function alertFiles(target: AlertTarget, settings: AlertSettings, notice: string): Map<string, string> {
  const { alerts, timezone: timeZone } = settings;
  const links = linkBases(settings);
  const yaml = (content: object): string => `# ${notice}\n${stringify(content, { lineWidth: 0 })}`;
  switch (target) {
    case 'rules':
      return new Map([[RULE_FILE, yaml(alertRules(alerts, links))]]);
    case 'alertmanager':
      return new Map([['alertmanager.yaml', yaml(alertmanagerConfig(alerts, { timeZone }))]]);
    case 'grafana':
      return new Map([...grafanaAlerting(alerts, { timeZone, links })].map(([name, content]) => [name, yaml(content)]));
  }
}
