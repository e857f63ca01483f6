/** What goes wrong, by name: each makes histories of one session. */
import type { Random } from '../../support/random.ts';
import { type Faults, type History, processHistory, together, withoutSession } from './history.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEKS = 21 * DAY;

type Scenario = (random: Random, startMs: number) => History;

const alone =
  (faults: Faults): Scenario =>
  (random, startMs) =>
    processHistory(random, startMs, faults);

const two =
  (first: Faults, second: Faults, afterMs: (random: Random) => number): Scenario =>
  (random, startMs) =>
    together(processHistory(random, startMs, first, 'first'), processHistory(random, startMs + afterMs(random), second, 'second'));

const lost =
  (source: Parameters<typeof withoutSession>[0], scenario: Scenario): Scenario =>
  (random, startMs) =>
    withoutSession(source, scenario(random, startMs));

const soon = (random: Random): number => random.below(10 * MINUTE);

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'nothing goes wrong': alone({}),
  'requests interrupted': alone({ interrupt: 0.15 }),
  killed: alone({ isKilled: true }),
  'killed, requests interrupted': alone({ isKilled: true, interrupt: 0.15 }),
  'exports of events lost': alone({ lostEventExport: 0.1 }),
  'exports of metrics lost, delta': alone({ lostMetricExport: 0.15 }),
  'exports of metrics lost, cumulative': alone({ lostMetricExport: 0.15, isCumulative: true }),
  'exports of both lost': alone({ lostEventExport: 0.1, lostMetricExport: 0.15 }),
  'another model served': alone({ servedModelDiffers: 1 }),
  'another model served, at times': alone({ servedModelDiffers: 0.3 }),
  'another model served, requests interrupted': alone({ servedModelDiffers: 0.3, interrupt: 0.1 }),
  'an advisor consulted': alone({ advisor: 0.3 }),
  'an advisor consulted, requests interrupted': alone({ advisor: 0.3, interrupt: 0.1 }),
  'asleep for hours': alone({ sleeps: true, interrupt: 0.1 }),
  'asleep for hours, cumulative': alone({ sleeps: true, interrupt: 0.1, isCumulative: true }),
  'metrics read every second': alone({ metricIntervalMs: 1_000, interrupt: 0.1 }),
  'metrics read every five minutes': alone({ metricIntervalMs: 5 * MINUTE, interrupt: 0.1 }),
  cumulative: alone({ isCumulative: true, interrupt: 0.1 }),
  'two processes': two({ interrupt: 0.1 }, { interrupt: 0.1 }, soon),
  'two processes, one killed': two({ interrupt: 0.1 }, { isKilled: true }, soon),
  'two processes, one without metrics': two({ interrupt: 0.2 }, { withoutMetrics: true }, soon),
  'resumed weeks later without metrics': two({ interrupt: 0.2 }, { withoutMetrics: true }, () => WEEKS),
  'resumed weeks later without events': two({ isKilled: true }, { withoutEvents: true, interrupt: 0.2 }, () => WEEKS),
  'resumed hours later without metrics': two({ interrupt: 0.2 }, { withoutMetrics: true }, () => DAY / 4),
  'session id taken off the metric': lost('metrics', alone({})),
  'session id taken off the metric, requests interrupted': lost('metrics', alone({ interrupt: 0.15 })),
  'session id taken off the metric, killed': lost('metrics', alone({ isKilled: true })),
  'session id taken off the metric, cumulative': lost('metrics', alone({ isCumulative: true, interrupt: 0.1 })),
  'session id taken off the events': lost('events', alone({})),
  'session id taken off the events, requests interrupted': lost('events', alone({ interrupt: 0.15 })),
  'session id taken off the events, killed': lost('events', alone({ isKilled: true })),
  'session id taken off the events, killed, requests interrupted': lost('events', alone({ isKilled: true, interrupt: 0.15 })),
};
