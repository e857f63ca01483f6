/** What every store of the provider's own records must do. A store's test file calls this with a way to open it. */
import { describe } from '@jest/globals';
import { usePlace } from '../places.ts';
import { describeDays } from './days.ts';
import { describeErasedUsers } from './erased-users.ts';
import { describeSharing } from './sharing.ts';
import type { StatementPlace, StatementSuite } from './suite.ts';
import { describeSums } from './sums.ts';

export function describeStatements(store: string, makePlace: () => StatementPlace | Promise<StatementPlace>): void {
  describe(`statements contract: ${store}`, () => {
    let current: StatementPlace;
    const opened = usePlace(async () => {
      current = await makePlace();
      return current;
    });
    const suite: StatementSuite = { ...opened, place: () => current };
    describeDays(suite);
    describeSums(suite);
    describeSharing(suite);
    describeErasedUsers(suite);
  });
}
