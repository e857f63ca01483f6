/** Whatever a settings file looks like: connect and undo leave it as it was. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection, Part } from '../../../collector/cli/connect/wanted.ts';
import { Random } from '../../support/random.ts';
import { settingsObject, settingsText } from './generated-settings.ts';
import { connect, connectionIn, temporaryFolder, treeOf, undo } from './support.ts';

const SEED = 20261129;
const ROUNDS = 60;
const PARTS: readonly (readonly Part[])[] = [['telemetry'], ['guard'], ['telemetry', 'guard', 'statusline']];

let place: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  place = temporaryFolder();
});
afterAll(() => place.remove());

function randomConnection(folder: string, random: Random): Connection {
  return connectionIn(folder, {
    parts: random.pick(PARTS),
    fleet: random.pick(['new', 'mixed']),
    grpc: random.chance(0.3),
    onFailure: random.pick(['open', 'closed']),
    replace: random.chance(0.5),
    ...(random.chance(0.3) && { tokenFile: '/run/token' }),
  });
}

/** A folder of its own for each round. */
function roundIn(round: number, text: string): { readonly folder: string; readonly file: string } {
  const folder = join(place.folder, `${expect.getState().currentTestName?.replaceAll(/\W+/g, '-').slice(-60)}-${round}`);
  mkdirSync(folder);
  const file = join(folder, 'settings.json');
  writeFileSync(file, text);
  return { folder, file };
}

const settingsIn = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

describe('generated settings', () => {
  test('are, after connect and undo, the same bytes, with nothing left beside them', () => {
    const random = new Random(SEED);
    for (let round = 0; round < ROUNDS; round++) {
      const text = settingsText(random);
      const { folder, file } = roundIn(round, text);
      const before = treeOf(folder);
      connect(file, randomConnection(folder, random));
      expect(() => settingsIn(file)).not.toThrow();
      undo(file);
      expect({ round, text, tree: treeOf(folder) }).toEqual({ round, text, tree: before });
    }
  });

  test('are so after several rounds of connecting in other ways, too', () => {
    const random = new Random(SEED + 1);
    for (let round = 0; round < ROUNDS / 2; round++) {
      const { folder, file } = roundIn(round, settingsText(random));
      const before = treeOf(folder);
      for (let time = 0; time <= random.below(3); time++) connect(file, randomConnection(folder, random));
      undo(file);
      expect({ round, tree: treeOf(folder) }).toEqual({ round, tree: before });
    }
  });

  test('keep what their user changed in between, and nothing else is different', () => {
    const random = new Random(SEED + 2);
    for (let round = 0; round < ROUNDS; round++) {
      const original = settingsObject(random);
      const { folder, file } = roundIn(round, settingsText(random, original));
      connect(file, randomConnection(folder, random));
      if (random.chance(0.3)) connect(file, randomConnection(folder, random));
      const edit = (value: object): object => ({ ...value, added: { by: 'the user' }, model: 'haiku' });
      writeFileSync(file, JSON.stringify(edit(settingsIn(file) as object), null, random.pick(['', '  ', '\t'])));
      undo(file);
      expect({ round, original, value: settingsIn(file) }).toEqual({ round, original, value: edit(original) });
    }
  });

  test('connected twice in the same way are changed once', () => {
    const random = new Random(SEED + 3);
    for (let round = 0; round < ROUNDS / 4; round++) {
      const { folder, file } = roundIn(round, settingsText(random));
      const connection = randomConnection(folder, random);
      connect(file, connection);
      const tree = treeOf(folder);
      connect(file, connection);
      expect({ round, tree: treeOf(folder) }).toEqual({ round, tree });
    }
  });

  test('without a record lose what is Ledgerline’s, and nothing else', () => {
    const random = new Random(SEED + 4);
    for (let round = 0; round < ROUNDS / 2; round++) {
      const { hooks: _, env: __, ...others } = settingsObject(random);
      const original = { ...others, env: { PATH_EXTRA: '1' }, hooks: { Stop: [{ hooks: [{ type: 'command', command: 'mine' }] }] } };
      const { folder, file } = roundIn(round, settingsText(random, original));
      const connection = { ...randomConnection(folder, random), replace: false };
      connect(file, connection);
      const text = readFileSync(file, 'utf8');
      const lost = roundIn(round + 1_000, text);
      undo(lost.file, { ...connection, token: 'another-token' });
      expect({ round, value: settingsIn(lost.file) }).toEqual({ round, value: original });
    }
  });
});
