/** Findings about what failed, and about what of the cost is not known. */
import { showValue } from '../../catalog/values.ts';
import type { Facts, UserCost } from './facts.ts';
import { type Found, shareOf } from './finding.ts';
import { normalOf } from './normal.ts';
import { over } from './slice.ts';
import { counted, percent, short, usd } from './words.ts';

const ERRORS_MIN = 3;
const ERROR_TIMES = 2;
const ERROR_RATIO_ALONE = 0.05;
const SHOWN = 5;

/** Failures are not billed: they explain time and rewritten caches, and no sum that could be named. */
export function failedRequests({ now, days }: Facts): Found[] {
  const errors = now.count('errors');
  const ratio = over(errors, now.count('requests') + errors) ?? 0;
  const normal = normalOf(days, (all) => over(all.count('errors'), all.count('requests') + all.count('errors')));
  if (errors < ERRORS_MIN || ratio < (normal === undefined ? ERROR_RATIO_ALONE : ERROR_TIMES * normal)) return [];
  return [
    {
      code: 'failed_requests',
      title: `${percent(ratio)} of the requests failed after all retries${normal === undefined ? '' : `, usually ${percent(normal)}`}: ${counted(errors, 'error')}. Failures cost nothing by themselves, but pauses outlive the cache.`,
      explains: 0n,
      isEstimated: false,
      evidence: [
        ...now
          .by('status')
          .filter(([, slice]) => slice.sum('errors') > 0n)
          .toSorted(([, a], [, b]) => b.count('errors') - a.count('errors'))
          .slice(0, SHOWN)
          .map(([status, slice]) => ({
            text: `status ${showValue('status', status)}: ${counted(slice.count('errors'), 'error')}`,
            ...{ figure: 'errors', value: slice.count('errors') },
          })),
        {
          text: `gave up after the last retry ${counted(now.count('retries_exhausted'), 'time')}`,
          figure: 'retries_exhausted',
          value: now.count('retries_exhausted'),
        },
      ],
      advice: ['check_limits'],
    },
  ];
}

export function unbilledAttempts({ now }: Facts): Found[] {
  const tokens = now.count('unbilled_tokens');
  const share = over(tokens, now.inputTokens + now.count('output_tokens') + tokens) ?? 0;
  if (share < 0.01) return [];
  return [
    {
      code: 'unbilled_attempts',
      title: `${short(tokens)} tokens of attempts that broke off were reported without a cost; what the provider bills for them is not in the figures.`,
      explains: 0n,
      isEstimated: false,
      evidence: [{ text: `${percent(share)} of all tokens`, figure: 'unbilled_tokens', value: tokens }],
      advice: ['update_client', 'check_limits'],
    },
  ];
}

const UNALLOCATED_SHARE = 0.05;

/** A job of CI has no user and needs none; without a team it is unallocated all the same. */
export function unallocated({ now, users, ofJobs, length }: Facts): Found[] {
  if (length === undefined) return [];
  const withoutJobs = (one: UserCost): UserCost =>
    one.user === '' && one.team !== '' ? { ...one, cost: one.cost - (ofJobs.get(one.team) ?? 0n) } : one;
  const nobody = users
    .filter(({ user, team }) => user === '' || team === '')
    .map(withoutJobs)
    .filter(({ cost }) => cost !== 0n);
  const cost = nobody.reduce((sum, one) => sum + one.cost, 0n);
  const share = shareOf(cost, now.sum('cost'));
  if (share < UNALLOCATED_SHARE) return [];
  return [
    {
      code: 'unallocated',
      title: `${usd(cost)}, ${percent(share)} of the whole, has no user or no team.`,
      explains: cost,
      isEstimated: false,
      evidence: nobody.slice(0, SHOWN).map(({ user, team, cost: own }) => ({
        text: `user ${showValue('user', user)}, team ${showValue('team', team)}: ${usd(own)}`,
        ...{ figure: 'cost', user: showValue('user', user), cost: own },
      })),
      advice: ['attribute'],
    },
  ];
}

export function unpriced({ now }: Facts): Found[] {
  const models = now.by('model').filter(([, slice]) => slice.sum('unpriced_tokens') > 0n);
  const tokens = models.reduce((sum, [, slice]) => sum + slice.count('unpriced_tokens'), 0);
  if (tokens === 0) return [];
  const cost = models.reduce((sum, [, slice]) => sum + slice.sum('cost'), 0n);
  return [
    {
      code: 'unpriced',
      title: `${short(tokens)} tokens are of models without a list price; the ${usd(cost)} they cost are what clients report.`,
      explains: cost,
      isEstimated: false,
      evidence: models.slice(0, SHOWN).map(([model, slice]) => ({
        text: `${showValue('model', model)}: ${short(slice.count('unpriced_tokens'))} tokens, ${usd(slice.sum('cost'))}`,
        ...{ figure: 'unpriced_tokens', value: slice.count('unpriced_tokens'), model: showValue('model', model), cost: slice.sum('cost') },
      })),
      advice: ['add_price'],
    },
  ];
}

export function heldBack({ now }: Facts): Found[] {
  const cost = now.sum('cost_unreconciled');
  if (cost <= 0n) return [];
  return [
    {
      code: 'held_back',
      title: `${usd(cost)} is held back beside the cost shown: it may be what other sessions report too.`,
      explains: 0n,
      isEstimated: false,
      evidence: [{ text: `held back: ${usd(cost)}`, figure: 'cost_unreconciled', cost }],
      advice: ['check_data'],
    },
  ];
}
