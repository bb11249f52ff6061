import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSTALL_MS } from '#test/support/servers/installed-by.js';
import { useStack } from '#test/support/use-stack.js';
import { generators } from './generators.js';

describe('a client made from the document that is served compiles:', () => {
  const stack = useStack();
  let document: string;
  beforeAll(async () => {
    document = (await stack.api.raw('GET', '/openapi.json')).text;
  });

  it.each(Object.entries(generators))(
    '%s',
    async (_, generate) => {
      const folder = mkdtempSync(join(tmpdir(), 'client-'));
      try {
        writeFileSync(join(folder, 'openapi.json'), document);
        await generate(folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    INSTALL_MS,
  );
});
