/** Which addresses the page answers itself. */
import { expect, test } from '@jest/globals';
import { ROUTES } from '../../../collector/catalog/names.ts';
import { isOurs } from '../../../dashboards/web/place.ts';

test.each(['/', '/boards/team', '/boards/models', '/sessions', '/sessions/0c6e'])('%s is drawn by the page', (path) => {
  expect(isOurs(path)).toBe(true);
});

test.each([...new Set([...Object.values(ROUTES), '/auth/logout', '/auth/login', '/boardsman', '/sessions2'])])(
  '%s is asked of the server',
  (path) => {
    expect(isOurs(path)).toBe(false);
  },
);
