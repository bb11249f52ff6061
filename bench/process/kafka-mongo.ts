import { randomBytes } from 'node:crypto';
import { engineOn, startServers } from '#test/support/servers/engines.js';
import type { BenchEngine } from './engine.js';

/** A Kafka and a MongoDB of their own, as the tests find them: `SECANTUSD` names a faster stand-in for MongoDB. */
export const kafkaMongo: BenchEngine = {
  async start() {
    const servers = await startServers({ own: true });
    if ('missing' in servers) throw new Error(servers.missing);
    // as many partitions as by default; keys in the environment, as apps alone need them
    const { KAFKA_PARTITIONS: _few, ...env } = engineOn(servers).env;
    const newRing = () => `k1:${randomBytes(32).toString('base64')}`;
    return {
      env: { ...env, VAULT_KEYS: newRing(), BUS_KEYS: newRing() },
      stop: servers.stop,
    };
  },
};
