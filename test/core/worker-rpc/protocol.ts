import type { Protocol } from '../../../collector/core/worker-rpc.ts';

/** What the worker of these tests is to do. */
export interface TestOptions {
  readonly start: 'ready' | 'failed' | 'throws' | 'exits' | 'never';
  readonly close?: 'fails' | 'never';
}

export interface TestProtocol extends Protocol {
  readonly options: TestOptions;
  readonly ready: { readonly port: number };
  readonly worker: {
    add(one: number, other: bigint): bigint;
    /** By way of the parent, which doubles. */
    doubled(value: number): number;
    refuse(): never;
    unclonable(): () => void;
    never(): void;
    exit(): void;
    crash(): void;
  };
  readonly parent: { double(value: number): number };
  readonly toWorker: string;
  readonly toParent: string;
}
