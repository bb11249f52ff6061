import { spawnSync } from 'node:child_process';

const UNSHARE = ['unshare', '--net', '--pid', '--fork', '--kill-child'];
const AS_ROOT_OF_ITS_OWN = [...UNSHARE.slice(0, 1), '--user', '--map-root-user', ...UNSHARE.slice(1)];

/**
 * What a command is put behind to run as in another container of this host, in namespaces of its own for the network and for
 * processes. Undefined where the system has none, or allows none.
 */
export const apart: readonly string[] | undefined = [UNSHARE, AS_ROOT_OF_ITS_OWN].find(
  ([command = '', ...args]) => spawnSync(command, [...args, 'true']).status === 0,
);

/** Tests that need it. They run as root, and wherever user namespaces are allowed. */
export const itApart = apart === undefined ? it.skip : it;
