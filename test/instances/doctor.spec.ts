import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { twinlock } from '#test/support/process/stack.js';
import { useStack } from '#test/support/use-stack.js';

interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly says: string;
  readonly todo?: string;
}

const stack = useStack({ engine: 'kafka-mongo' });

async function examined(more: Record<string, string> = {}): Promise<{ code: number; findings: Finding[] }> {
  const { code, stdout } = await promisify(execFile)(process.execPath, [twinlock, 'doctor', '--json'], {
    env: { ...stack.env(), ...more },
  })
    .then(({ stdout }) => ({ code: 0, stdout }))
    .catch((error: { code: number; stdout: string }) => error);
  return { code, findings: (JSON.parse(stdout) as { findings: Finding[] }).findings };
}

describe('twinlock doctor', () => {
  it('is content with Kafka and MongoDB that are well', async () => {
    const { code, findings } = await examined();
    expect(findings.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(code).toBe(0);
    const says = (check: string) => findings.filter((one) => one.check === check).map((one) => one.says);
    expect(says('bus')).toEqual([expect.stringContaining('Kafka answers')]);
    expect(says('store')).toEqual([expect.stringContaining('MongoDB answers')]);
    expect(says('product')).toEqual([`${stack.origin} is ready`]);
    expect(says('clock').join()).toContain('MongoDB');
    expect(says('keys').join()).toContain('BUS_KEYS');
  });

  it('says which topic is missing, and what is not reached, without the password of its URL', async () => {
    const { KAFKA_BROKERS, KAFKA_PREFIX, MONGO_URL } = stack.engineSettings;
    const admin = new Kafka({ brokers: KAFKA_BROKERS!.split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [`${KAFKA_PREFIX!}.audit.dead-letter`] });
    await admin.disconnect();
    const poor = await examined();
    expect(poor.code).toBe(1);
    expect(poor.findings.filter(({ status }) => status === 'failed')).toEqual([
      expect.objectContaining({ check: 'topics', says: expect.stringContaining(`${KAFKA_PREFIX!}.audit.dead-letter`) }),
    ]);

    const away = new URL(MONGO_URL!);
    away.host = '127.0.0.1:1';
    [away.username, away.password] = ['tools', 'hunter22'];
    const { code, findings } = await examined({ KAFKA_BROKERS: '127.0.0.1:1', MONGO_URL: away.href });
    expect(code).toBe(1);
    const failed = findings.filter(({ status }) => status === 'failed');
    expect(failed.map(({ check }) => check)).toEqual(['store', 'bus']);
    for (const { todo } of failed) expect(todo).toContain('Start it');
    expect(JSON.stringify(findings)).not.toContain('hunter22');
  });
});
