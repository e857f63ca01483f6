/** For each tool what it is typically called with, and what it must refuse with the words that help. */
export interface Typical {
  readonly given: readonly Record<string, unknown>[];
  readonly refused: readonly (readonly [given: Record<string, unknown>, ...words: string[]])[];
}

export const TYPICAL: Readonly<Record<string, Typical>> = {
  analysis: {
    given: [{}, { period: 'this_week' }, { month: '2026-11', limit: 3 }, { period: 'last_month', where: ['team:platform'], tz: 'Asia/Tokyo' }],
    refused: [
      [{ month: 'November' }, 'month=November', '2026-11'],
      [{ limit: 0 }, 'limit=0', 'from 1 to'],
      [{ period: 'this_weak' }, 'this_week'],
    ],
  },
  explain: {
    given: [{}, { period: 'this_week', where: ['team:platform'] }, { session: 's1' }],
    refused: [
      [{ period: 'fortnight' }, 'period=fortnight', 'this_week'],
      [{ session: 's1', where: ['team:platform'] }, 'session=s1', 'Leave out where'],
    ],
  },
  advice: {
    given: [{}, { user: 'alice@example.com', period: 'this_month' }, { where: ['team:platform'], period: 'last-30d' }],
    refused: [
      [{ where: ['model:claude-opus-5-5'] }, 'where=model', 'Sessions are filtered by'],
      [{ period: 'fortnight' }, 'period=fortnight', 'this_week'],
    ],
  },
  api_requests: {
    given: [{}, { from: '2026-11-01', to: '2026-12-01' }, { month: '2026-10' }],
    refused: [
      [{ month: 'November' }, 'month=November', '2026-11'],
      [{ from: '2024-01-01' }, 'more than 400 days'],
    ],
  },
  trend: {
    given: [{}, { weeks: 8, by: 'team' }, { days: 40, by: 'model', measure: 'requests', limit: 2, where: ['team:search'], tz: 'Asia/Tokyo' }],
    refused: [
      [{ days: 7, weeks: 2 }, 'days=7', 'Give one of them'],
      [{ measure: 'cache_hit_ratio' }, 'measure=cache_hit_ratio', 'Allowed: '],
    ],
  },
  breakdown: {
    given: [{}, { by: ['feature'], period: 'this_month' }, { by: ['team', 'model'], month: '2026-11', limit: 2, where: ['user:bob@example.com'] }],
    refused: [
      [{ by: ['modle'] }, 'by=modle', 'Did you mean '],
      [{ by: ['team', 'user', 'model', 'os'] }, 'at most 3'],
    ],
  },
  compare: {
    given: [{}, { models: 'all', period: 'last-30d' }, { teams: 'platform,search' }, { periods: 'last_month,this_month', where: ['team:platform'] }],
    refused: [[{ models: 'all', teams: 'all' }, 'teams=all', 'Compare one thing']],
  },
  spend: {
    given: [
      {},
      { by: ['team', 'model'], period: 'this_month' },
      { by: ['user'], measures: ['cost', 'requests', 'cost_per_request'], from: '2026-11-01', to: 'now', grain: 'week', tz: 'America/New_York' },
      { where: ['team:platform', 'team:search', 'model:claude-opus-5-5'], since: '2026-11-01', until: '2026-11-20' },
    ],
    refused: [
      [{ by: ['teem'] }, 'by=teem', 'Did you mean "team"?'],
      [{ measures: ['costs'] }, 'measures=costs', 'Did you mean "cost"?'],
      [{ where: ['taem:platform'] }, 'where=taem:platform', 'team:platform'],
      [{ wheer: ['team:platform'] }, 'wheer', 'where'],
      [{ tz: 'Europe/Berln' }, 'tz=Europe/Berln', 'Europe/Berlin'],
    ],
  },
  top: {
    given: [{}, { window: '24h', limit: 2, where: ['team:platform'] }],
    refused: [[{ window: '2h' }, 'window=2h', '4h']],
  },
  sessions: {
    given: [{}, { order: 'cost', limit: 3, where: ['team:platform'], period: 'this_month' }, { search: 'alice' }],
    refused: [
      [{ order: 'price' }, 'order=price', 'cost'],
      [{ cursor: 'made-up' }, 'cursor=made-up', 'next'],
    ],
  },
  session: { given: [{ session: 's0' }], refused: [[{ session: 'nowhere' }, 'nowhere']] },
  session_requests: {
    given: [{ session: 's1' }, { session: 's2', after: 1, limit: 1 }],
    refused: [
      [{}, 'session', 'Id of the session'],
      [{ session: 'nowhere' }, 'nowhere'],
    ],
  },
  budgets: { given: [{}, { forecast: false }], refused: [[{ forecast: 'maybe' }, 'forecast=maybe', 'true, false']] },
  budget: { given: [{ key: 'platform' }], refused: [[{ key: 'platfrom' }, 'platfrom', 'platform']] },
  my_budget: { given: [{ user: 'alice@example.com' }], refused: [[{}, 'user']] },
  reconcile: {
    given: [{}, { month: '2026-11', by: ['workspace', 'model'] }],
    refused: [
      [{ by: ['team'] }, 'by=team', 'workspace'],
      [{ month: '2026-13' }, 'month=2026-13', '2026-11'],
    ],
  },
  plans: { given: [{}, { month: '2026-11' }], refused: [[{ month: 'October' }, 'month=October', '2026-11']] },
  limits_plan: {
    given: [{}, { users: 200, training: 40 }, { where: ['team:platform'] }],
    refused: [
      [{ users: 0 }, 'users=0', 'from 1 to'],
      [{ where: ['taem:platform'] }, 'where=taem:platform', 'team:platform'],
    ],
  },
  forecast_rollout: {
    given: [
      { pilot: ['team:platform'], users: 400 },
      { pilot: ['team:platform', 'team:search'], users: 50, start: '2026-12-14', ramp: '10,25,50,100', mix: 'opus=20,haiku=80', pilot_users: 30 },
    ],
    refused: [
      [{ users: 400 }, 'pilot=', 'pilot=team:platform'],
      [{ pilot: ['team:platform'], users: 0 }, 'users=0', 'from 1 to'],
      [{ pilot: ['team:platform'], users: 5, mix: 'opus=20' }, 'mix=opus=20', 'add up to 100'],
    ],
  },
  chargeback: { given: [{}, { month: '2026-11' }], refused: [[{ month: 'November' }, 'month=November', '2026-11']] },
  directory_check: {
    given: [{}, { month: '2026-11', limit: 2 }],
    refused: [
      [{ month: 'November' }, 'month=November', '2026-11'],
      [{ limit: 0 }, 'limit=0', 'from 1 to'],
    ],
  },
  directory_user: {
    given: [{ user: 'alice@example.com' }, { user: 'alice@example.com', at: '2026-09-01' }],
    refused: [
      [{}, 'user'],
      [{ user: 'alice@example.com', at: 'yesterday' }, 'at=yesterday', '2026-09-01'],
    ],
  },
  status: { given: [{}], refused: [[{ team: 'x' }, 'team=x', 'none']] },
};
