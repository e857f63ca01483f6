/** What interpreting one export has gathered so far. */
import { PROBE, PROBE_ID } from '../../catalog/probe.ts';
import type { LogRecord } from '../telemetry.ts';
import type { Interpretation, Rejection, Usage } from '../usage.ts';
import type { Edge } from './believable-time.ts';
import { increment, type NameGate } from './name-gate.ts';

const PROBES_MAX = 10;
const PROBE_ID_SHAPE = /^[\w-]{1,64}$/;

export class Result implements Interpretation {
  readonly usages: Usage[] = [];
  readonly rejections: Rejection[] = [];
  readonly ignored = new Map<string, number>();
  readonly foreign = new Map<string, number>();
  readonly probes: string[] = [];
  readonly unknownAttributes = new Map<string, number>();
  readonly outsideWindow = new Map<Edge, number>();
  correctedTimes = 0;
  arrivalMs = 0;
  readonly #ignoredNames: NameGate;
  readonly #attributeNames: NameGate;

  constructor(ignoredNames: NameGate, attributeNames: NameGate) {
    this.#ignoredNames = ignoredNames;
    this.#attributeNames = attributeNames;
  }

  outside(edge: Edge): void {
    increment(this.outsideWindow, edge);
  }

  ignore(name: string): void {
    increment(this.ignored, this.#ignoredNames.admit(name));
  }

  /** A record of another service than Claude Code. */
  ignoreForeign(name: string, scope: string): void {
    this.ignore(name);
    increment(this.foreign, this.#ignoredNames.admit(scope));
  }

  /** A record that only asks whether it arrives. */
  probe({ attributes }: LogRecord): void {
    this.ignore(PROBE);
    const id = attributes.get(PROBE_ID);
    if (typeof id === 'string' && PROBE_ID_SHAPE.test(id) && this.probes.length < PROBES_MAX) this.probes.push(id);
  }

  countUnknown(attributeNames: readonly string[]): void {
    for (const name of attributeNames) increment(this.unknownAttributes, this.#attributeNames.admit(name));
  }
}
