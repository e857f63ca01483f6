/** What every store of the directory must do. A store's test file calls this with a way to open it. */
import { describe } from '@jest/globals';
import { usePlace } from '../places.ts';
import { describeChanges } from './changes.ts';
import { describeErasedUsers } from './erased-users.ts';
import { describeSharing } from './sharing.ts';
import type { DirectoryPlace, DirectorySuite } from './suite.ts';

export function describeDirectory(store: string, makePlace: () => DirectoryPlace | Promise<DirectoryPlace>): void {
  describe(`directory contract: ${store}`, () => {
    let current: DirectoryPlace;
    const opened = usePlace(async () => {
      current = await makePlace();
      return current;
    });
    const suite: DirectorySuite = { ...opened, place: () => current };
    describeChanges(suite);
    describeSharing(suite);
    describeErasedUsers(suite);
  });
}
