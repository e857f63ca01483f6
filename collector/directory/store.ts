/** What of the directory comes by request and not from files: what an identity provider sent over SCIM, and names that were merged. */
import type { Eraser } from '../ledger/erasure.ts';
import type { Span } from './facts.ts';

export type ScimKind = 'User' | 'Group';

/** A user or a group, as the provider sees it. */
export interface ScimResource {
  readonly id: string;
  /** Counts its changes, from 1. */
  readonly version: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** Plain JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** login, email, name, display: of a user; title, member (the id of a user or a group): of a group. */
export type FactName = 'login' | 'email' | 'name' | 'display' | 'department' | 'cost_center' | 'title' | 'member';

export interface Fact {
  readonly fact: FactName;
  readonly value: string;
}

/** From when it came until it was taken back: SCIM itself has no dates. */
export interface ReceivedFact extends Fact, Span {
  readonly kind: ScimKind;
  readonly id: string;
}

/** A name under which spend was booked became that of a user. */
export interface Merge {
  readonly id: number;
  readonly atMs: number;
  /** As in the audit of budgets. */
  readonly who: string;
  readonly alias: string;
  readonly user: string;
}

export interface StoredDirectory {
  readonly received: readonly ReceivedFact[];
  /** The oldest first. */
  readonly merges: readonly Merge[];
}

export const NOTHING_STORED: StoredDirectory = { received: [], merges: [] };

interface Revised {
  /** Another number after every change, by whichever process. */
  revision(): Promise<number>;
}

export interface DirectoryReader extends Revised {
  stored(): Promise<StoredDirectory>;
  close(): Promise<void>;
}

/** A user or a group that is in a group now. */
export interface Member {
  readonly member: string;
  readonly group: string;
  /** Of the group. */
  readonly title: string;
}

export interface ScimResources extends Revised {
  /** By id, in the order in which they came. */
  resources(kind: ScimKind): Promise<readonly ScimResource[]>;
  resource(kind: ScimKind, id: string): Promise<ScimResource | undefined>;
  /** Ids of those of which this is a fact now, in any capitals of ASCII. */
  idsWith(kind: ScimKind, fact: Fact): Promise<readonly string[]>;
  /** In the order in which they came into their groups: all, or one. */
  members(member?: string): Promise<readonly Member[]>;
}

/** What is read and written in one transaction, beside which nobody else writes. */
export interface DirectoryChange extends ScimResources {
  /** Facts that it had before and has no more end now; new ones begin now. */
  write(kind: ScimKind, id: string, body: ScimResource['body'], facts: readonly Fact[], nowMs: number): Promise<ScimResource>;
  /** Its facts end now. False where there is none. */
  remove(kind: ScimKind, id: string, nowMs: number): Promise<boolean>;
  addMerge(merge: Omit<Merge, 'id'>): Promise<void>;
}

export interface DirectoryStore extends DirectoryReader, ScimResources {
  /** All that `change` writes, or nothing where it rejects. It asks the change alone, and waits for nothing else. */
  changing<Answer>(change: (directory: DirectoryChange) => Promise<Answer>): Promise<Answer>;
}

/** What the store has of people. */
export interface DirectoryRecords {
  /** In one transaction. Answers how many resources, facts and merges held a name. A trial changes nothing. */
  erase(eraser: Eraser, isTrial: boolean): Promise<number>;
  find(eraser: Eraser): Promise<readonly unknown[]>;
  /** Takes the bytes of what was erased out of the file. False when others are reading: ask again. */
  wipe(): Promise<boolean>;
  close(): Promise<void>;
}
