/** Findings about who spent: sessions far beyond what one usually costs, and users far beyond their own days. */

import { shownSessionId } from '../../catalog/session-ids.ts';
import { OTHER, showValue } from '../../catalog/values.ts';
import type { Facts } from './facts.ts';
import { estimated, type Found, shareOf } from './finding.ts';
import { normalSession } from './normal.ts';
import { counted, percent, timesWords, usd } from './words.ts';

/** A session is large from so many times a usual one on; without a usual one, from so large a share of the whole. */
const SESSION_TIMES = 3;
const SESSION_SHARE = 0.05;
const SESSION_SHARE_ALONE = 0.2;
const SHOWN = 5;

export function largestSessions({ now, days, sessions, length }: Facts): Found[] {
  if (length === undefined) return [];
  const total = now.sum('cost');
  const normal = normalSession(days);
  const large = sessions.sessions.filter(({ cost }) => {
    const share = shareOf(cost, total);
    return normal === undefined ? share >= SESSION_SHARE_ALONE : share >= SESSION_SHARE && Number(cost) >= SESSION_TIMES * normal;
  });
  if (large.length === 0) return [];
  const explains = large.reduce((sum, { cost }) => sum + cost, 0n);
  const beside = normal === undefined ? '' : `; a session usually costs ${usd(normal)}`;
  return [
    {
      code: 'largest_sessions',
      title: `${counted(large.length, 'session')} cost ${usd(explains)}, ${percent(shareOf(explains, total))} of the whole${beside}.`,
      explains,
      isEstimated: false,
      evidence: large.slice(0, SHOWN).map(({ session, cost }) => ({
        text: `${shownSessionId(session.sessionId)} of ${showValue('user', session.user)}: ${usd(cost)}, ${percent(shareOf(cost, total))}`,
        ...{ figure: 'cost', cost, sessionId: shownSessionId(session.sessionId), user: showValue('user', session.user), atMs: session.lastSeenMs },
        ...(normal !== undefined && { normalCost: estimated(normal) }),
      })),
      advice: ['look_into_session', 'split', 'clear'],
    },
  ];
}

/** So many times what a user usually spends, and at least such a share of the whole. */
const USER_TIMES = 3;
const USER_SHARE = 0.1;

export function unusualUsers({ now, users, usersBefore, days, length }: Facts): Found[] {
  if (days.length === 0 || length === undefined) return [];
  const total = now.sum('cost');
  const isWhole = usersBefore.every(({ user }) => user !== OTHER);
  const unusual = users.flatMap(({ user, team, cost }) => {
    const past = usersBefore.find((one) => one.user === user && one.team === team)?.cost ?? (isWhole ? 0n : undefined);
    if (user === OTHER || past === undefined) return [];
    const usual = (Number(past) / days.length) * length;
    return shareOf(cost, total) >= USER_SHARE && Number(cost) >= USER_TIMES * usual ? [{ user: showValue('user', user), cost, usual }] : [];
  });
  if (unusual.length === 0) return [];
  const explains = unusual.reduce((sum, { cost, usual }) => sum + cost - BigInt(Math.round(usual)), 0n);
  return [
    {
      code: 'unusual_users',
      title: `${counted(unusual.length, 'user')} spent ${usd(explains)} more than usual, ${percent(shareOf(explains, total))} of the whole.`,
      explains,
      isEstimated: true,
      evidence: unusual.slice(0, SHOWN).map(({ user, cost, usual }) => ({
        text: `${user}: ${usd(cost)}, ${usual > 0 ? `${timesWords(Number(cost) / usual)} the usual ${usd(usual)}` : 'nothing in the days before'}`,
        ...{ figure: 'cost', user, cost, normalCost: estimated(usual) },
      })),
      advice: ['look_into_session', 'budget'],
    },
  ];
}
