/** What every store must do, a file for each feature. A store's test file calls this with a way to open it. */
import { describe } from '@jest/globals';
import { describeAdjustments } from './adjustments.ts';
import { describeApiRequests } from './api-requests.ts';
import { describeAppend } from './append.ts';
import { describeBooking } from './booking.ts';
import { describeClosedMonths } from './closed-months.ts';
import { describeCourses } from './courses.ts';
import { describeErasure } from './erasure.ts';
import { describeFigures } from './figures.ts';
import { describeGaps } from './gaps.ts';
import type { OpenStore } from './ledger-under-test.ts';
import { describeNewValues } from './new-values.ts';
import { describePeopleAndMinutes } from './people-and-minutes.ts';
import { describeQueries } from './queries.ts';
import { describeRetention } from './retention.ts';
import { describeRows } from './rows.ts';
import { describeSessionParts } from './session-parts.ts';
import { describeSessions } from './sessions.ts';
import { describeSetAside } from './set-aside.ts';
import { describeSnapshots } from './snapshots.ts';
import { describeStandIns } from './stand-ins.ts';
import { describeWideSums } from './wide-sums.ts';

const FEATURES = [
  describeAppend,
  describeBooking,
  describeQueries,
  describeRows,
  describeFigures,
  describeSessions,
  describeCourses,
  describeSessionParts,
  describePeopleAndMinutes,
  describeGaps,
  describeRetention,
  describeErasure,
  describeSetAside,
  describeAdjustments,
  describeClosedMonths,
  describeStandIns,
  describeSnapshots,
  describeWideSums,
  describeNewValues,
  describeApiRequests,
];

export function describeLedger(store: string, open: OpenStore): void {
  describe(`ledger contract: ${store}`, () => {
    for (const describeFeature of FEATURES) describeFeature(open);
  });
}
