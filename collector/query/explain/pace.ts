/** Findings about how much was asked: more requests than usual, many within a minute, and what runs by itself. */
import { showValue } from '../../catalog/values.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import type { Course, CourseRequest } from './courses.ts';
import type { Facts } from './facts.ts';
import { estimated, type Found, shareOf, standsOut } from './finding.ts';
import { median, normalOf } from './normal.ts';
import { counted, percent, short, timesWords, usd } from './words.ts';

const MORE_TIMES = 1.5;

export function moreRequests({ now, days, length }: Facts): Found[] {
  const perDay = normalOf(days, (all) => all.count('requests'));
  const requests = now.count('requests');
  if (length === undefined || perDay === undefined || perDay === 0 || now.costPerRequest === undefined) return [];
  const normal = perDay * length;
  if (requests < MORE_TIMES * normal) return [];
  return [
    {
      code: 'more_requests',
      title: `${short(requests)} requests are ${timesWords(requests / normal)} the usual ${short(normal)}.`,
      explains: estimated((requests - normal) * now.costPerRequest),
      isEstimated: true,
      evidence: [{ text: `${usd(now.costPerRequest)} for each request`, figure: 'requests', value: requests, normal }],
      advice: ['budget'],
    },
  ];
}

/** Requests of one session within a minute that nobody types by hand, subagents included. */
const BUSY = 10;
const BUSY_TIMES = 2;
const BUSY_SHARE = 0.05;
const SHOWN = 5;

interface Minute {
  readonly course: Course;
  readonly startMs: number;
  readonly requests: readonly CourseRequest[];
}

export function highRequestRates({ now, courses }: Facts): Found[] {
  const minutes = courses.flatMap((course): Minute[] =>
    [...Map.groupBy(course.requests, ({ timeMs }) => Math.floor(timeMs / MINUTE_MS))].map(([minute, requests]) => ({
      course,
      startMs: minute * MINUTE_MS,
      requests,
    })),
  );
  const normal = median(minutes.map(({ requests }) => requests.length)) ?? 0;
  const busy = minutes.filter(({ requests }) => requests.length >= BUSY).sort((a, b) => b.requests.length - a.requests.length);
  const explains = busy.reduce((sum, { requests }) => sum + costOf(requests), 0n);
  const highest = busy[0];
  // Where most minutes are like that it is how these sessions work, and no exception: then a fixed bound decides.
  if (highest === undefined || highest.requests.length < BUSY_TIMES * Math.min(normal, BUSY) || shareOf(explains, now.sum('cost')) < BUSY_SHARE)
    return [];
  const sessions = new Set(busy.map(({ course }) => course)).size;
  return [
    {
      code: 'high_request_rate',
      title: `${counted(sessions, 'session')} asked up to ${highest.requests.length} times a minute; ${counted(busy.length, 'minute')} of ${BUSY} requests or more cost ${usd(explains)}.`,
      explains,
      isEstimated: false,
      evidence: busy.slice(0, SHOWN).map(({ course, startMs, requests }) => ({
        text: `${course.sessionId} of ${course.user}: ${requests.length} requests in a minute; half of the minutes looked at have ${normal} or fewer`,
        ...{
          figure: 'requests_per_minute',
          value: requests.length,
          normal,
          cost: costOf(requests),
          sessionId: course.sessionId,
          user: course.user,
          atMs: startMs,
        },
      })),
      advice: ['check_automation', 'look_into_session'],
    },
  ];
}

const costOf = (requests: readonly CourseRequest[]): bigint => requests.reduce((sum, { cost }) => sum + cost, 0n);

/** Entry points of what runs without anybody at the keyboard. */
const isAutomatic = (entryPoint: string): boolean => /^sdk\b|action|^ci\b|headless|cron/.test(entryPoint);
/** Local hours in which people seldom work. */
const isNight = (timeMs: number, timeZone: string): boolean => {
  const { hour } = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone);
  return hour >= 22 || hour < 6;
};

export function automation({ now, before, courses, timeZone }: Facts): Found[] {
  const own = now.where('entry_point', isAutomatic);
  const share = shareOf(own.sum('cost'), now.sum('cost'));
  const past = before.where('entry_point', isAutomatic);
  const normal = before.sum('cost') > 0n ? shareOf(past.sum('cost'), before.sum('cost')) : undefined;
  if (!standsOut(share, normal, { large: 0.5, notable: 0.1 })) return [];
  const automatic = courses.flatMap(({ requests }) => requests.filter(({ dims }) => isAutomatic(dims.entry_point)));
  const atNight = automatic.filter(({ timeMs }) => isNight(timeMs, timeZone));
  return [
    {
      code: 'automation',
      title: `Automation cost ${usd(own.sum('cost'))}, ${percent(share)} of the whole${normal === undefined ? '' : `; it is usually ${percent(normal)}`}.`,
      explains: own.sum('cost'),
      isEstimated: false,
      evidence: [
        ...own.by('entry_point').map(([entryPoint, slice]) => ({
          text: `${showValue('entry_point', entryPoint)}: ${counted(slice.count('requests'), 'request')} for ${usd(slice.sum('cost'))}`,
          ...{ figure: 'requests', value: slice.count('requests'), cost: slice.sum('cost') },
        })),
        ...(atNight.length === 0
          ? []
          : [
              {
                text: `${counted(atNight.length, 'request')} between 22:00 and 06:00, in the largest sessions`,
                ...{ figure: 'requests', value: atNight.length, cost: costOf(atNight) },
              },
            ]),
      ],
      advice: ['check_automation', 'smaller_model'],
    },
  ];
}
