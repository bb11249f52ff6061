import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OCSF_VERSION, type OcsfSource, toOcsf } from '#libs/client/src/ocsf/ocsf.js';
import type { Actor } from '#libs/contracts/src/events/event.js';
import { eventContracts, isOfPortal } from '#libs/contracts/src/events/events.js';
import { anEvent } from '#libs/contracts/src/testing/events.js';
import { INSTALL_MS, installedByPip } from '#test/support/servers/installed-by.js';

const packages = ['ocsf-json-schema==1.2.0', 'jsonschema==4.25.1'];
/** Lines of `{ name, event }` in, what is wrong with each out. */
const validate = `
import json, sys
from jsonschema import Draft202012Validator
from ocsf_json_schema import get_ocsf_schema, OcsfJsonSchemaEmbedded
schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=sys.argv[2]))
validators = {}
def validator(uid):
    if uid not in validators:
        name = schemas.lookup_class_name_from_uid(class_uid=uid)
        validators[uid] = Draft202012Validator(schemas.get_class_schema(class_name=name, profiles=[]))
    return validators[uid]
for line in open(sys.argv[1]):
    one = json.loads(line)
    faults = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator(one["event"]["class_uid"]).iter_errors(one["event"])]
    print(json.dumps({"name": one["name"], "faults": faults}))
`;

const kinds = ['user', 'administrator', 'service', 'operator', 'system', 'anonymous'] as const;
const actors = kinds.map((kind): Actor =>
  ['operator', 'system', 'anonymous'].includes(kind) ? { kind } : { kind, id: 'x1' },
);
const plain = {
  person: { username: 'alice', displayName: 'Alice', email: 'alice@example.com', externalId: 'u-1' },
  origin: { address: '2001:db8::7', userAgent: 'Mozilla/5.0', toldBy: 'gateway' as const },
};

/** Each type's example of the contracts, as the bus has it and as HTTP does, whoever acted. */
const examples = Object.values(eventContracts)
  .flat()
  .flatMap((contract) => {
    const { type, example } = contract;
    const account = isOfPortal(contract) ? {} : { account: 'a1' };
    const context = { correlationId: 'c1', entrance: 'http' as const, sessionId: 's1' };
    const event = anEvent({ type, data: example as Record<string, unknown>, context, ...account });
    return actors.flatMap((actor): OcsfSource[] => [
      { ...event, actor },
      { ...event, actor, plain },
      { ...event, actor, plain: null },
    ]);
  });

describe(`each event in OCSF ${OCSF_VERSION}`, () => {
  let folder: string;
  let python: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'twinlock-ocsf-'));
    python = join(await installedByPip('ocsf-json-schema-1.2.0', packages), 'bin/python');
  }, INSTALL_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function faultsOf(events: readonly { name: string; event: unknown }[]) {
    const file = join(folder, 'events.ndjson');
    writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const { stdout } = await promisify(execFile)(python, ['-c', validate, file, OCSF_VERSION], { maxBuffer: 1e8 });
    const lines = stdout.trim().split('\n');
    return lines.map((line) => JSON.parse(line) as { name: string; faults: string[] });
  }

  it('is as its class has it', async () => {
    const told = await faultsOf(examples.map((event) => ({ name: event.type, event: toOcsf(event) })));
    expect(told).toHaveLength(examples.length);
    expect(told.filter(({ faults }) => faults.length > 0)).toEqual([]);
  });

  it('would be found, were it not', async () => {
    const { user: _, ...event } = toOcsf(examples.find(({ type }) => type === 'two-factor.account-locked.v1')!);
    const [told] = await faultsOf([{ name: 'without a user', event: { ...event, severity_id: 7, typo: 1 } }]);
    expect(told!.faults).toHaveLength(3);
  });
});
