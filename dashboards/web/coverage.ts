/** How far the figures can be trusted, said before anyone asks. */
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { BoardMemory } from './board-memory.ts';
import { element } from './dom.ts';
import { exactAmount, percent, shortAmount } from './format.ts';

export function renderCoverage({ coverage, findings, asked }: BoardAnswer, memory: BoardMemory): HTMLElement {
  const { cost_usd: booked, cost_usd_events: events, cost_usd_metrics: metrics } = coverage;
  const facts = [
    fact(
      'Booked',
      shortAmount(booked, 'usd'),
      `The larger of events and metrics, for each session and model. Exactly ${exactAmount(booked, 'usd')}.`,
    ),
    fact('From events', shortAmount(events, 'usd'), `The sum of the api_request events. Exactly ${exactAmount(events, 'usd')}.`),
    fact('From metrics', shortAmount(metrics, 'usd'), `The sum of claude_code.cost.usage. Exactly ${exactAmount(metrics, 'usd')}.`),
    fact('Without a team', percent(coverage.unallocated_team), 'Share of booked cost for which no team is known.'),
    fact('Without a user', percent(coverage.unallocated_user), 'Share of booked cost for which no user is known.'),
    fact('Unpriced tokens', percent(coverage.unpriced), 'Share of tokens of models without a list price. Their reported cost is booked as usual.'),
  ];
  const troubles = (findings ?? []).filter((finding) => finding.severity === 'warning' || finding.severity === 'critical');
  return element(
    'section',
    { class: 'coverage', 'aria-labelledby': 'coverage-title' },
    element('h2', { class: 'row-title', id: 'coverage-title' }, 'Data quality'),
    element('dl', { class: 'facts' }, ...facts),
    troubles.length > 0 && renderFindings(troubles, memory),
    element(
      'p',
      { class: 'fine-print' },
      `Days, weeks and months begin in ${asked.time_zone}. Costs are estimates from telemetry; the invoice is authoritative. `,
      element('a', { href: '/api/v1/catalogue' }, 'API catalogue'),
      ' · ',
      element('a', { href: '/api/v1/status' }, 'Collector status'),
    ),
  );
}

/**
 * Collapsed, since they are the same on every board; open when something is critical. What the reader opened or closed stays so over a
 * refresh, until something becomes critical.
 */
function renderFindings(findings: NonNullable<BoardAnswer['findings']>, memory: BoardMemory): HTMLElement {
  const summary = findings.length === 1 ? '1 finding about data quality' : `${findings.length} findings about data quality`;
  const isCritical = findings.some(({ severity }) => severity === 'critical');
  const { findings: known } = memory;
  const details = element('details', { class: 'findings', open: known?.isCritical === isCritical ? known.isOpen : isCritical });
  // Not at toggle, which also comes when they are drawn open. At a click they are still as they were.
  const remember = (): void => {
    memory.findings = { isCritical, isOpen: !details.open };
  };
  details.append(
    element('summary', { 'data-focus': 'findings', click: remember }, summary),
    ...findings.map(({ message, remedy }) => element('p', {}, element('strong', {}, message), ` ${remedy}`)),
  );
  return details;
}

function fact(name: string, value: string, explanation: string): HTMLElement {
  return element('div', { class: 'fact', title: explanation }, element('dt', {}, name), element('dd', {}, value));
}
