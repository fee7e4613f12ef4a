import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { stateDirectory } from '../../src/config/state-directory.ts';

test.each([
  ['/srv/state', { STATE_DIRECTORY: '/var/lib/edge-cls' }, '/srv/state'],
  ['auto', { STATE_DIRECTORY: '/var/lib/edge-cls:/var/lib/other', XDG_STATE_HOME: '/x' }, '/var/lib/edge-cls'],
  ['auto', { XDG_STATE_HOME: '/x' }, '/x/edge-cls'],
  ['auto', { XDG_STATE_HOME: '' }, `${homedir()}/.local/state/edge-cls`],
])('%s with %o is %s', (configured, env, expected) => {
  expect(stateDirectory(configured, env)).toBe(expected);
});
