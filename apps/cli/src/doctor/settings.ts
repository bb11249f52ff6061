import { kafkaConfigOf } from '#libs/platform/src/settings/kafka.js';
import { readSettings, type Settings } from '#libs/platform/src/settings/config.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { failure, type Finding, warning, well } from './finding.js';

const CHECK = 'settings';
const loopback = /^(localhost|127\..*|::1)$/;

/** As a start reads them; nothing else can be looked at where they are wrong. */
export function settingsIn(env: NodeJS.ProcessEnv): { settings?: Settings; findings: Finding[] } {
  try {
    const settings = readSettings(env);
    kafkaConfigOf(settings);
    return { settings, findings: [well(CHECK, enginesIn(settings)), ...remarks(settings, env)] };
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return {
      findings: [failure(CHECK, error.message, `Set ${error.setting} as the table of settings in the README says.`)],
    };
  }
}

function enginesIn({ MONGO_URL, KAFKA_BROKERS, DATA_DIR }: Settings): string {
  const store = MONGO_URL === undefined ? `the embedded store in ${DATA_DIR}` : 'MongoDB';
  return `can be read; ${store}, ${KAFKA_BROKERS === undefined ? 'the bus in the process' : 'Kafka'}`;
}

function remarks({ HOST, PUBLIC_URL, NODE_ENV }: Settings, env: NodeJS.ProcessEnv): Finding[] {
  const found: Finding[] = [];
  if (!loopback.test(HOST) && PUBLIC_URL === undefined)
    found.push(
      warning(CHECK, `HOST is ${HOST}, and PUBLIC_URL is not set`, 'Set PUBLIC_URL to the origin that browsers use.'),
    );
  if (NODE_ENV === 'test') found.push(warning(CHECK, 'NODE_ENV is test', 'Unset it: it allows what only tests need.'));
  const inEnvironment = ['OPERATOR_TOKEN', 'VAULT_KEYS', 'BUS_KEYS'].filter((name) => (env[name] ?? '') !== '');
  if (inEnvironment.length > 0)
    found.push(
      warning(
        CHECK,
        `${inEnvironment.join(', ')} in the environment: whoever can inspect the process sees them`,
        `Put them in files that only the user of the product can read: ${inEnvironment.map((name) => `${name}_FILE`).join(', ')}.`,
      ),
    );
  return found;
}
