/**
 * What a process that has secrets leaves to nobody around it: others read nothing of what it writes, and no signal opens
 * Node's inspector, by which whoever reaches loopback runs code in it.
 */
export function harden(): void {
  process.umask(0o077);
  process.on('SIGUSR1', () => undefined);
}
