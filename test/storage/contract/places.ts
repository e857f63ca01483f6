/** What every suite of a store contract does around each test: a place of its own, opened before and destroyed after. */
import { afterEach, beforeEach } from '@jest/globals';

/** Where one store's data are. */
export interface StorePlace<Store> {
  /** As any process does that wants to read or write them. */
  open(): Store;
  destroy(): void | Promise<void>;
}

export interface OpenedPlace<Store> {
  readonly store: () => Store;
  /** The same data by another door, as after a restart. Closed after the test. */
  readonly open: () => Store;
}

/** Called within a describe(). */
export function usePlace<Store extends { close(): Promise<void> }>(
  makePlace: () => StorePlace<Store> | Promise<StorePlace<Store>>,
): OpenedPlace<Store> {
  let place: StorePlace<Store>;
  let opened: Store[];
  const open = (): Store => {
    const one = place.open();
    opened.push(one);
    return one;
  };
  beforeEach(async () => {
    place = await makePlace();
    opened = [];
    open();
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await place.destroy();
  });
  return { store: () => opened[0] ?? open(), open };
}
