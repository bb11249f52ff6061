export type EngineName = 'embedded' | 'kafka-mongo';

/** What an engine adds to the environment of the product, and how it is ended after the last start. */
export interface RunningEngine {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const engines: Record<EngineName, () => Promise<RunningEngine>> = {
  embedded: async () => ({ env: {}, stop: async () => {} }),
  'kafka-mongo': () => {
    throw new Error('TWINLOCK_TEST_ENGINE=kafka-mongo: there is no such engine yet; use embedded');
  },
};

/** The engine that the specs run on: `TWINLOCK_TEST_ENGINE`, embedded unless set. */
export function chosenEngine(): EngineName {
  const name = process.env.TWINLOCK_TEST_ENGINE ?? 'embedded';
  if (!Object.hasOwn(engines, name)) {
    throw new Error(`TWINLOCK_TEST_ENGINE=${name}: one of ${Object.keys(engines).join(', ')} is meant`);
  }
  return name as EngineName;
}

export const startEngine = (name: EngineName): Promise<RunningEngine> => engines[name]();
