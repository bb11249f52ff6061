import type { Stack } from '../process/stack.js';

/** How many secrets and sets of backup codes the vault holds, by what the operator's tool says. */
export async function vaultEntries(stack: Pick<Stack, 'run'>): Promise<number> {
  const { stdout } = await stack.run('keys', 'status');
  return [...stdout.matchAll(/\((\d+) secrets/g)].reduce((sum, match) => sum + Number(match[1]), 0);
}
