/** What the parts of the suite for stores of the directory share. */
import type { DirectoryRecords, DirectoryStore, Fact } from '../../../../collector/directory/store.ts';
import type { OpenedPlace, StorePlace } from '../places.ts';

export interface DirectoryPlace extends StorePlace<DirectoryStore> {
  /** Closed by the test. */
  records(): DirectoryRecords;
  /** Names of files, or of tables, with something that matches. */
  holding(pattern: RegExp): Promise<readonly string[]>;
}

export interface DirectorySuite extends OpenedPlace<DirectoryStore> {
  readonly place: () => DirectoryPlace;
}

export const login = (value: string): Fact => ({ fact: 'login', value });
export const member = (value: string): Fact => ({ fact: 'member', value });
