import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Portal } from '#test/support/people/portal.js';
import { INSTALL_MS, installedByPip } from '#test/support/servers/installed-by.js';
import { type Stack, startStack } from '#test/support/process/stack.js';

const VERSION = '4.32.5';
/** Of each operation. Bounded by number, not by time: the same calls are made on every machine. */
const EXAMPLES = 15;
const run = promisify(execFile);

/**
 * What is said of requests that are right by their schema: some are refused all the same, since JSON Schema has no words for what
 * text is visible, which cursor or key is one of ours, and what a code looks like. What is wrong is never taken.
 */
const settings = (portal: string, account: string, deleted: string) => `
[parameters]
"path.portal" = "${portal}"
"path.account" = "${account}"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 401, 403, 404, 409, 410, 423, 429, 503]

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 410, 413, 415, 423, 429, 503]

# where a path has a word, another has a name that may be that word, and its methods are allowed too
[checks.allow_header_conformance]
enabled = false

[[operations]]
include-operation-id = "deleteAccount"
parameters = { "path.account" = "${deleted}" }

# judges each of many by itself
[[operations]]
include-operation-id = "registerBatch"
[operations.checks.negative_data_rejection]
enabled = false
`;

/** Those that never end, those that end the session that is tried, and the one whose body is no JSON, which it cannot make. */
const left = ['streamEvents', 'logout', 'importAccounts'];

const tokens: Record<string, (portal: Portal) => Promise<string> | string> = {
  'an operator': ({ stack }) => (stack as Stack).operatorToken,
  'an administrator': ({ admin }) => admin.token!,
  'a user': async (portal) => (await portal.enrolled()).token!,
  'a service': async (portal) =>
    (await portal.serviceToken('challenges', 'commands', 'events', 'accounts', 'erasure')).token,
};

describe('Schemathesis finds nothing', () => {
  let venv: string;
  beforeAll(async () => {
    venv = await installedByPip(`schemathesis-${VERSION}`, [`schemathesis==${VERSION}`]);
  }, INSTALL_MS);

  it.each(Object.entries(tokens))(
    'with the token of %s',
    async (_, tokenOf) => {
      const folder = mkdtempSync(join(tmpdir(), 'schemathesis-'));
      // of its own: the calls change settings, and use up what one address may try
      const stack = await startStack();
      try {
        const portal = await Portal.make(stack);
        const [account, deleted, token] = [await portal.register(), await portal.register(), await tokenOf(portal)];
        writeFileSync(join(folder, 'settings.toml'), settings(portal.id, account.id, deleted.id));
        const args = [
          ...[join(venv, 'bin/schemathesis'), '--config-file', 'settings.toml', 'run', `${stack.origin}/openapi.json`],
          ...['--header', `Authorization: Bearer ${token}`, '--phases', 'examples,coverage,fuzzing', '--no-color'],
          ...['--max-examples', `${EXAMPLES}`, '--seed', '1', '--request-timeout', '20', '--continue-on-failure'],
          ...left.flatMap((id) => ['--exclude-operation-id', id]),
        ];
        const { stdout } = await run(join(venv, 'bin/python'), args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
        expect(stdout).toMatch(/\d{3,} generated, \d{3,} passed/);
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        // what it found; before it stands what it tried
        throw new Error(`${stdout.slice(Math.max(stdout.indexOf('= FAILURES ='), 0))}\n${stderr}`);
      } finally {
        await stack.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    },
    600_000,
  );
});
