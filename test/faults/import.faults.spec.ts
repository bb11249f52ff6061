import type { ImportResult } from '#libs/contracts/src/http/import.js';
import { OpenImport } from '#test/support/calls/open-import.js';
import { aLine, appOf, hashes, type LineToImport, newBase32 } from '#test/support/people/imported.js';
import { Person, Portal } from '#test/support/people/portal.js';
import { lookInto } from '#test/support/stored/store-file.js';
import { useStack } from '#test/support/use-stack.js';
import { randomFromEnvironment } from './support/random.js';

const ROUNDS = 6;
const LINES = 120;
const PASSWORD = 'from before';

const stack = useStack({ env: { LOG_LEVEL: 'error' } });
const random = randomFromEnvironment();

const file = (): LineToImport[] =>
  Array.from({ length: LINES }, (_, at) =>
    aLine({
      totp: [{ secret: newBase32() }],
      ...(at % 2 === 0 && { passwordHash: hashes.pbkdf2(PASSWORD) }),
      ...(at % 3 === 0 && { externalId: `ext-${newBase32(10)}` }),
    }),
  );

/** Answers that came before the process was killed. */
async function importUntilKilled(portal: Portal, lines: readonly LineToImport[]): Promise<ImportResult[]> {
  const importing = new OpenImport(stack, portal.id);
  importing.send(...lines);
  importing.end();
  const answers: ImportResult[] = [];
  const target = random.between(1, LINES - 1);
  let killed: Promise<void> | undefined;
  try {
    for (let answer = await importing.next(); answer; answer = await importing.next()) {
      answers.push(answer);
      if (answers.length >= target) killed ??= stack.kill();
    }
  } catch {
    // cut off by the kill
  }
  await (killed ?? stack.kill());
  return answers;
}

/** Entries of the vault by account, and accounts whose import is not settled. */
async function ofTwoFactor(): Promise<{ secrets: Map<string, number>; pending: string[] }> {
  const secrets = new Map<string, number>();
  let pending: string[] = [];
  await lookInto(stack.dataDir, 'two-factor', (store) => {
    for (const { key } of store.records('vault')) {
      const account = String(key[1]);
      secrets.set(account, (secrets.get(account) ?? 0) + 1);
    }
    pending = [...store.records('pending-imports')].map(({ key }) => String(key[1]));
  });
  return { secrets, pending };
}

it('R36 an import that a kill cuts off is finished by the same import: nothing is lost, doubled or half', async () => {
  const portal = await Portal.make(stack);
  for (let round = 0; round < ROUNDS; round += 1) {
    const lines = file();
    const before = await importUntilKilled(portal, lines);
    await stack.start();

    const after = (await stack.operator.importAccounts(portal.id, lines)).success();
    expect(after.map(({ line }) => line)).toEqual(lines.map((_, at) => at + 1));
    for (const { line, outcome, id } of before) {
      expect([line, outcome]).toEqual([line, 'created']);
      expect(after[line - 1]).toEqual({ line, outcome: 'exists', id });
    }
    expect(after.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
    expect(new Set(after.map(({ id }) => id)).size).toBe(LINES);

    const { secrets, pending } = await ofTwoFactor();
    expect(after.map(({ id }) => secrets.get(id!))).toEqual(after.map(() => 1));
    expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(pending));

    // those around the cut: the others are like them
    const cut = before.length;
    for (const at of new Set([0, cut - 1, cut, cut + 1, LINES - 2].filter((at) => at >= 0 && at < LINES))) {
      const line = lines[at]!;
      const person = new Person(stack, portal.id, { username: line.username, password: PASSWORD });
      person.hold(appOf(portal, line.totp![0]!));
      if (line.passwordHash !== undefined) await person.signIn();
    }
    const again = (await stack.operator.importAccounts(portal.id, lines)).success();
    expect(again.map(({ outcome, id }) => [outcome, id])).toEqual(after.map(({ id }) => ['exists', id]));
  }
  // password hashes take their time, beside all else that is tested
}, 400_000);

it('R36 a hang-up ends an import between two lines: what was begun is whole, the rest can be sent again', async () => {
  const portal = await Portal.make(stack);
  const lines = file();
  const importing = new OpenImport(stack, portal.id);
  importing.send(...lines);
  const first = await importing.next();
  importing.hangUp();
  expect(first).toMatchObject({ line: 1, outcome: 'created' });
  const after = (await stack.operator.importAccounts(portal.id, lines)).success();
  expect(after[0]).toEqual({ line: 1, outcome: 'exists', id: first!.id });
  expect(new Set(after.map(({ id }) => id)).size).toBe(LINES);
  const { secrets, pending } = await ofTwoFactor();
  expect(after.map(({ id }) => secrets.get(id!))).toEqual(after.map(() => 1));
  // where two imports met, a note stays for the upkeep; its account is whole
  expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(pending));
});
