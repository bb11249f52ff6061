import { join } from 'node:path';
import { fromBase32 } from '#test/support/people/authenticator.js';
import { runImport } from '#test/support/process/run-import.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { checkCode } from './check-code.js';
import { codeOf, missingOathtool, type Parameters } from './oathtool.js';

const fixtures = join(import.meta.dirname, '../../../apps/cli/src/import/formats/testing/fixtures');
const john = fromBase32('FAUSUKZMFUXC6MBRGIZTINJWG44DSOR3HQ6T4P2AIFBEGRCFIZDQ');
const harry = fromBase32('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
const standard: Parameters = { algorithm: 'SHA1', digits: 6, period: 30 };
const strong: Parameters = { algorithm: 'SHA512', digits: 8, period: 60 };

(missingOathtool === undefined ? describe : describe.skip)(missingOathtool ?? 'the people of', () => {
  const stack = useStack({ engine: 'embedded' });
  const portal = usePortal(stack);
  const older = usePortal(stack);
  const gateways = new Map([
    [portal, useGateway(portal)],
    [older, useGateway(older)],
  ]);

  it.each([
    ['Authelia 4.38', portal, 'authelia', 'authelia-4.38.yml', 'john', john, standard],
    ['Authelia 4.38', portal, 'authelia', 'authelia-4.38.yml', 'harry', harry, strong],
    ['Authelia 4.37', older, 'otpauth', 'authelia-4.37.txt', 'john', john, standard],
    ['Authelia 4.37', older, 'otpauth', 'authelia-4.37.txt', 'harry@example.com', harry, strong],
  ] as const)(
    '%s are asked for the code of the app that they have',
    async (_, into, format, file, username, secret, parameters) => {
      const imported = await runImport(stack, ['--from', format, '--portal', into.id, join(fixtures, file)]);
      expect(imported.code).toBe(0);
      const code = await codeOf(secret, parameters);
      expect((await checkCode(into, gateways.get(into)!, username, code)).success()).toMatchObject({ passed: true });
    },
  );
});
