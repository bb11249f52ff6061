import { originFrom } from '../calls/origin.js';
import type { Options } from '../command/leaf.js';
import { harmless, say, type Style, styled } from '../command/output.js';
import { clockAgainst } from './clock.js';
import { diskFindings } from './disk.js';
import { engineFindings } from './engines.js';
import type { Finding } from './finding.js';
import { keyFindings } from './keys.js';
import { settingsIn } from './settings.js';
import { productFindings } from './product.js';

/** Changes nothing. False: something is wrong. */
export async function examine(options: Options): Promise<boolean> {
  const { env } = process;
  const { settings, findings } = settingsIn(env);
  if (settings !== undefined) {
    const origin = originFrom((options.url as string | undefined) ?? `http://127.0.0.1:${settings.PORT}`);
    findings.push(...keyFindings(settings), ...diskFindings(settings.DATA_DIR, settings.MONGO_URL !== undefined));
    const product = await productFindings(origin, options.url !== undefined);
    findings.push(...product.findings);
    const engines = await engineFindings(settings, product.serves);
    findings.push(...engines.findings, clockAgainst([...product.clocks, ...engines.clocks]));
  }
  const isWell = findings.every(({ status }) => status !== 'failed');
  if (options.json === true) say(JSON.stringify({ ok: isWell, findings }));
  else for (const finding of findings) told(finding);
  return isWell;
}

const signs: Readonly<Record<Finding['status'], readonly [string, Style]>> = {
  ok: ['ok     ', 'green'],
  warning: ['warning', 'yellow'],
  failed: ['failed ', 'red'],
};

function told({ check, status, says, todo }: Finding): void {
  const [sign, style] = signs[status];
  say(harmless(`${check.padEnd(10)} `) + styled(sign, style) + harmless(`  ${says}`));
  if (todo !== undefined) say(harmless(`${' '.repeat(20)}→ ${todo}`));
}
