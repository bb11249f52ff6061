import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { useStack } from '#test/support/use-stack.js';

/** In the order in which they go on from each other. */
const pages = ['gateway', 'administration', 'migration', 'events'];
const steps = pages.flatMap((page) => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/integrate', `${page}.md`), 'utf8');
  const found = text.matchAll(/^```sh\n(?<command>.*?)^```\n(?:\n```json\n(?<answer>.*?)^```\n)?/gms);
  return [...found].map(({ groups }) => ({ page, command: groups!.command!, answer: groups!.answer }));
});

const missing = ['bash', 'curl', 'oathtool', 'openssl']
  .filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  .map((program) => `no ${program}: apt-get install ${program}`);

const BETWEEN_STEPS = '\u001e';

(missing.length === 0 ? describe : describe.skip)(missing[0] ?? 'the pages for those who integrate', () => {
  const stack = useStack();
  let folder: string;
  let printed: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'twinlock-guides-'));
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/operator-token'), stack.operatorToken);
    const commands = steps.map(({ command }) => `${command}printf '${BETWEEN_STEPS}'\n`).join('');
    const script = `set -euo pipefail\n${commands}`.replaceAll('http://127.0.0.1:3000', stack.origin);
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder });
    printed = stdout.split(BETWEEN_STEPS);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('have steps to run, and answers to them', () => {
    for (const page of pages) {
      const ofPage = steps.filter((step) => step.page === page);
      expect(ofPage.filter(({ answer }) => answer !== undefined)).not.toEqual([]);
    }
  });

  it.each(steps.map((step, index) => [step.page, step.command.split('\n')[0], { ...step, index }] as const))(
    '%s: %s',
    (_page, _command, { answer, index }) => {
      if (answer === undefined) expect(printed[index]).not.toContain('urn:twinlock:problem');
      else expect(JSON.parse(printed[index]!)).toEqual(likeShown(JSON.parse(answer)));
    },
  );
});

/** What the page shows: `…` stands for text that is another each time. */
function likeShown(shown: unknown): unknown {
  if (shown === '…') return expect.stringMatching(/./);
  if (Array.isArray(shown)) return shown.map(likeShown);
  if (typeof shown !== 'object' || shown === null) return shown;
  return Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, likeShown(value)]));
}
