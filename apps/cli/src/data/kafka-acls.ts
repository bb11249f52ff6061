import { follows } from '#apps/standalone/src/follows.js';
import { aclsOf, commandOf } from '#libs/messaging/src/kafka/security/acls.js';
import { readSettings } from '#libs/platform/src/settings/config.js';
import { say } from '../command/output.js';

/**
 * The lines of Kafka's kafka-acls.sh that let each app do what it does, and no more.
 * `BOOTSTRAP_SERVER=… KAFKA_ACLS=/opt/kafka/bin/kafka-acls.sh COMMAND_CONFIG=admin.properties sh acls.sh` runs them.
 */
export function kafkaAcls(): void {
  const { KAFKA_PREFIX } = readSettings(process.env);
  const lines = [
    '#!/bin/sh',
    'set -eu',
    ': "${BOOTSTRAP_SERVER:?host:port of a broker}"',
    'KAFKA_ACLS="${KAFKA_ACLS:-kafka-acls.sh}"',
    ...aclsOf(KAFKA_PREFIX, follows).map(commandOf),
  ];
  say(lines.join('\n'));
}
