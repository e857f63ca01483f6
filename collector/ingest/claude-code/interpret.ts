/**
 * The one door to what Claude Code means. Only this folder knows the client's words; content (prompts, answers, tool
 * inputs, commands, error texts) is read by nothing here and so ends here.
 */
import { IMPORT_SCOPE } from '../../catalog/imported.ts';
import { PROBE } from '../../catalog/probe.ts';
import type { RunAttributes } from '../attribution/job.ts';
import type { DataPoint, Export, LogRecord, ScopeRecords } from '../telemetry.ts';
import type { Interpretation } from '../usage.ts';
import { Clock, type IngestWindow } from './believable-time.ts';
import { PointReader } from './data-points.ts';
import { readImported } from './imported.ts';
import { readRecord } from './log-records.ts';
import { type Aliases, createModelReader } from './model-names.ts';
import { NameGate } from './name-gate.ts';
import { createResources } from './resource.ts';
import { Result } from './result.ts';
import type { ScopeContext } from './scope.ts';

export interface InterpreterOptions {
  /** models.aliases of the configuration. */
  readonly aliases: Aliases;
  /** Attributes that attribution reads (claimAttributes of attribution.ts); no others are kept. */
  readonly claimAttributes: ReadonlySet<string>;
  /** Those of runs of CI (runAttributes of job.ts). Without them none are kept. */
  readonly runAttributes?: RunAttributes;
  readonly window: IngestWindow;
  /** See Clock. */
  readonly lastCommitMs?: number | undefined;
}

/**
 * `receivedMs` stands in for times that cannot be. Never throws: what cannot be read is rejected, the rest goes on. Pauses every so many
 * records, so that whoever runs it can give others their turn; an export with fewer is read in one go.
 */
export type Interpret = (received: Export, receivedMs: number) => Generator<void, Interpretation>;

const NO_RUNS: RunAttributes = { names: new Set(), beside: new Set() };

/** About 5 ms of reading. */
const RECORDS_PER_TURN = 256;
const SCOPE_PREFIX = 'com.anthropic.claude_code';

export function createInterpreter(options: InterpreterOptions): Interpret {
  const findResource = createResources({ of: options.claimAttributes, ofRuns: options.runAttributes ?? NO_RUNS });
  const readModel = createModelReader(options.aliases);
  const ignoredNames = new NameGate();
  const attributeNames = new NameGate();
  const clock = new Clock(options.window, options.lastCommitMs);

  const enter = (scope: ScopeRecords<unknown>): ScopeContext => {
    const resource = findResource(scope.resource);
    const isClient = resource.isClient || scope.scopeName.startsWith(SCOPE_PREFIX);
    return { name: scope.scopeName, resource, version: resource.version(scope.scopeVersion), isClient, clock, readModel };
  };

  function* interpretLogs(scopes: readonly ScopeRecords<LogRecord>[], result: Result): Generator<void> {
    let read = 0;
    for (const scope of scopes) {
      const context = enter(scope);
      for (const record of scope.records) {
        if (scope.scopeName === PROBE) result.probe(record);
        else if (scope.scopeName === IMPORT_SCOPE) readImported(record, context, result);
        else readRecord(record, context, result);
        if (++read % RECORDS_PER_TURN === 0) yield;
      }
    }
  }

  function* interpretMetrics(scopes: readonly ScopeRecords<DataPoint>[], result: Result): Generator<void> {
    const reader = new PointReader(result);
    let read = 0;
    for (const scope of scopes) {
      const context = enter(scope);
      for (const point of scope.records) {
        reader.read(point, context);
        if (++read % RECORDS_PER_TURN === 0) yield;
      }
    }
  }

  return function* interpret(received, receivedMs) {
    const result = new Result(ignoredNames, attributeNames);
    clock.enter(receivedMs);
    for (const _pause of recordsOf(received, result)) {
      yield;
      // Others were read meanwhile, at times of their own.
      clock.enter(receivedMs);
    }
    result.arrivalMs = clock.arrivalMs;
    return result;
  };

  function recordsOf(received: Export, result: Result): Iterable<void> {
    if (received.signal === 'logs') return interpretLogs(received.scopes, result);
    return received.signal === 'metrics' ? interpretMetrics(received.scopes, result) : [];
  }
}
