/** Findings about what is not as it was: the models, the client's version, the effort. */
import { showValue } from '../../catalog/values.ts';
import type { Facts } from './facts.ts';
import { estimated, type Found, MIN_SHARE, shareOf } from './finding.ts';
import { over, type Slice } from './slice.ts';
import { percent, timesWords, usd } from './words.ts';

const SHOWN = 5;
/** Points of share by which one has to grow. */
const GROWN = 0.1;

const shareOfRequests = (part: Slice | undefined, whole: Slice): number => over(part?.count('requests') ?? 0, whole.count('requests')) ?? 0;

interface Shift {
  readonly model: string;
  readonly share: number;
  readonly before: number;
  /** For a request, in pico-dollars: in the days before, or now where the model is new. */
  readonly cost: number;
}

/** The same requests with the models of the days before: what the change of models alone has cost. */
export function modelChanged({ now, before }: Facts): Found[] {
  const past = new Map(before.by('model'));
  const present = new Map(now.by('model'));
  if (before.count('requests') === 0) return [];
  const shifts = [...new Set([...past.keys(), ...present.keys()])].flatMap((model): Shift[] => {
    const cost = past.get(model)?.costPerRequest ?? present.get(model)?.costPerRequest;
    return cost === undefined
      ? []
      : [{ model, share: shareOfRequests(present.get(model), now), before: shareOfRequests(past.get(model), before), cost }];
  });
  const effect = estimated(shifts.reduce((sum, { share, before: was, cost }) => sum + (share - was) * cost, 0) * now.count('requests'));
  const grown = shifts.filter(({ share, before: was }) => share - was >= GROWN).sort((a, b) => b.share - b.before - (a.share - a.before));
  const first = grown[0];
  if (first === undefined || shareOf(effect, now.sum('cost')) < MIN_SHARE) return [];
  return [
    {
      code: 'model_changed',
      title: `${showValue('model', first.model)} had ${percent(first.share)} of the requests, before ${percent(first.before)}; with the models of the days before they would have cost ${usd(effect)} less.`,
      explains: effect,
      isEstimated: true,
      evidence: shifts
        .toSorted((a, b) => Math.abs(b.share - b.before) - Math.abs(a.share - a.before))
        .slice(0, SHOWN)
        .map(({ model, share, before: was, cost }) => ({
          text: `${showValue('model', model)}: ${percent(share)} of the requests, before ${percent(was)}, at ${usd(cost)} each`,
          ...{ figure: 'share_of_requests', value: share, normal: was, model: showValue('model', model) },
        })),
      advice: ['smaller_model', 'default_model'],
    },
  ];
}

/** A version is new that had hardly any requests in the days before. */
const NEW_MAX = 0.05;
const COSTLIER = 1.15;

/** The same models cost more for a request with a new version than they did with those before. */
export function clientVersionChanged({ now, before }: Facts): Found[] {
  const past = new Map(before.by('client_version'));
  const found = now.by('client_version').flatMap(([version, slice]) => {
    const isNew = shareOfRequests(past.get(version), before) <= NEW_MAX && shareOfRequests(slice, now) >= GROWN;
    if (version === '' || !isNew) return [];
    const others = before.where('client_version', (one) => one !== version);
    const { more, usual } = beyond(slice, others);
    const costlier = over(usual + more, usual);
    return costlier === undefined || costlier < COSTLIER ? [] : [{ version, slice, more: estimated(more), costlier }];
  });
  const explains = found.reduce((sum, { more }) => sum + more, 0n);
  const first = found[0];
  if (first === undefined || shareOf(explains, now.sum('cost')) < MIN_SHARE) return [];
  return [
    {
      code: 'client_version_changed',
      title: `Requests of Claude Code ${showValue('client_version', first.version)} cost ${timesWords(first.costlier)} what they did with the versions before, for the same models.`,
      explains,
      isEstimated: true,
      evidence: found.slice(0, SHOWN).map(({ version, slice, costlier }) => ({
        text: `${showValue('client_version', version)}: ${percent(shareOfRequests(slice, now))} of the requests, ${timesWords(costlier)} the cost of each`,
        ...{ figure: 'cost_per_request', clientVersion: showValue('client_version', version) },
        ...{ cost: estimated(slice.costPerRequest ?? 0), normalCost: estimated((slice.costPerRequest ?? 0) / costlier) },
      })),
      advice: ['check_version'],
    },
  ];
}

/** What requests cost beyond what others cost for each of the same model; models that only one of both has are left out. */
function beyond(slice: Slice, others: Slice): { readonly more: number; readonly usual: number } {
  const perRequest = new Map(others.by('model').map(([model, its]) => [model, its.costPerRequest]));
  return slice.by('model').reduce(
    (sum, [model, its]) => {
      const usual = perRequest.get(model);
      if (usual === undefined) return sum;
      const expected = usual * its.count('requests');
      return { more: sum.more + its.count('cost') - expected, usual: sum.usual + expected };
    },
    { more: 0, usual: 0 },
  );
}

const isHigh = (effort: string): boolean => ['high', 'xhigh', 'max'].includes(effort);

/** More requests think long than before, and those cost more than the others of the same model. */
export function higherEffort({ now, before }: Facts): Found[] {
  const high = now.where('effort', isHigh);
  const share = shareOfRequests(high, now);
  const was = shareOfRequests(before.where('effort', isHigh), before);
  if (share - was < GROWN) return [];
  const rest = now.where('effort', (effort) => !isHigh(effort));
  const { more } = beyond(high, rest.count('requests') > 0 ? rest : before.where('effort', (effort) => !isHigh(effort)));
  const explains = estimated(more * (1 - was / share));
  if (shareOf(explains, now.sum('cost')) < MIN_SHARE) return [];
  return [
    {
      code: 'higher_effort',
      title: `${percent(share)} of the requests had a high effort, before ${percent(was)}; they cost ${usd(explains)} more than the others of their models.`,
      explains,
      isEstimated: true,
      evidence: now
        .by('effort')
        .filter(([, slice]) => slice.count('requests') > 0)
        .slice(0, SHOWN)
        .map(([effort, slice]) => ({
          text: `effort ${showValue('effort', effort)}: ${percent(shareOfRequests(slice, now))} of the requests, ${usd(slice.costPerRequest ?? 0)} each`,
          ...{ figure: 'share_of_requests', value: shareOfRequests(slice, now), cost: slice.sum('cost') },
          normal: shareOfRequests(
            before.where('effort', (one) => one === effort),
            before,
          ),
        })),
      advice: ['lower_effort'],
    },
  ];
}
