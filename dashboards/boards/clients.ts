/** Which client versions run, what they cost, and which are known to report wrongly. */
import type { Board } from '../../collector/catalog/panel.ts';
import { gaugeTable } from '../panels/gauge.ts';
import { bars, perDay, stat, table } from '../panels/ledger.ts';

export const CLIENTS: Board = {
  id: 'clients',
  title: 'Client versions',
  description: 'Claude Code versions in use, cost per session and request by version, and versions with known reporting faults.',
  annotations: [
    { id: 'client-faults', title: 'Versions with known faults', gauge: 'client_fault', labels: ['client_version', 'fault'] },
    { id: 'price-changes', title: 'Price changes', gauge: 'price_change', labels: ['model', 'change'] },
  ],
  variables: ['organization'],
  rows: [
    {
      title: 'Sessions and spend',
      panels: [stat('sessions', 'range', { width: 8 }), stat('cost', 'range', { width: 8 }), stat('cost_per_session', 'range', { width: 8 })],
    },
    {
      title: 'Version mix',
      panels: [
        perDay({ figure: 'sessions', by: 'client_version', width: 12 }),
        bars({ figure: 'sessions', by: 'client_version', width: 6 }),
        bars({ by: 'client_version', width: 6 }),
      ],
    },
    {
      title: 'By version',
      panels: [
        table({
          id: 'versions',
          title: 'Versions',
          note: 'A jump between versions may be a change in what the client reports, not in what users spend.',
          figures: ['sessions', 'requests', 'cost', 'cost_per_session', 'cost_per_request', 'errors'],
          by: ['client_version'],
          width: 24,
        }),
      ],
    },
    {
      title: 'Platforms',
      panels: [
        bars({ figure: 'sessions', by: 'terminal', width: 8 }),
        bars({ figure: 'sessions', by: 'os', width: 8 }),
        bars({ figure: 'sessions', by: 'provider', width: 8 }),
      ],
    },
    {
      title: 'Entry points',
      panels: [
        bars({ figure: 'sessions', by: 'entry_point', note: 'cli and editors are interactive; sdk entry points are programs and CI.', width: 12 }),
        bars({ by: 'entry_point', note: 'Interactive versus automated usage.', width: 12 }),
      ],
    },
    {
      title: 'Now: known faults',
      now: true,
      panels: [
        gaugeTable(['client_fault'], {
          title: 'Versions with known faults, first seen',
          by: ['client_version', 'fault'],
          reduce: 'min',
          as: 'age',
          empty: 'No version with a known fault was seen.',
          width: 24,
        }),
      ],
    },
  ],
};
