/** The demo needs something to watch over. */
import type { Config } from '../config/config.ts';

const BUDGETS: Config['budgets'] = [
  { name: 'everyone', scope: {}, period: 'month', amount_usd: '9000.00', warning_threshold: 0.8 },
  { name: 'platform', scope: { team: 'platform' }, period: 'week', amount_usd: '350.00', warning_threshold: 0.8 },
];

/** Those of the configuration, where it has any. */
export const demoBudgets = ({ budgets }: Pick<Config, 'budgets'>): Config['budgets'] => (budgets.length > 0 ? budgets : BUDGETS);
