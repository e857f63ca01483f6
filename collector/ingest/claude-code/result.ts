/** What interpreting one export has gathered so far. */
import type { Interpretation, Rejection, Usage } from '../usage.ts';
import type { Edge } from './believable-time.ts';
import { increment, type NameGate } from './name-gate.ts';

export class Result implements Interpretation {
  readonly usages: Usage[] = [];
  readonly rejections: Rejection[] = [];
  readonly ignored = new Map<string, number>();
  readonly foreign = new Map<string, number>();
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

  countUnknown(attributeNames: readonly string[]): void {
    for (const name of attributeNames) increment(this.unknownAttributes, this.#attributeNames.admit(name));
  }
}
