import { isIP } from 'node:net';
import { appOf, presentData, type RecordedEvent } from '#libs/contracts/src/events/event.js';
import { contractOf } from '#libs/contracts/src/events/events.js';
import type { Plain } from '#libs/contracts/src/events/readable.js';
import { classified, type Activity, OCSF_VERSION, severities, statuses } from './classes.js';
import { activitiesOf, type Entity, type EventName, type Mapping, mappings } from './mapping.js';

export { OCSF_VERSION } from './classes.js';

/** An event of OCSF 1.5: Account Change (3001), Authentication (3002) or Entity Management (3004). */
export interface OcsfEvent extends Readonly<Record<string, unknown>> {
  readonly class_uid: 3001 | 3002 | 3004;
  readonly activity_id: number;
  readonly type_uid: number;
  readonly severity_id: number;
  readonly status_id: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** An event as the product has it: from HTTP with `plain`, or from the bus without. */
export interface OcsfSource extends RecordedEvent {
  plain?: Plain | null;
}

/** Of an event that this release does not know: it is told, not lost. */
const unknownEvent: Mapping<object> = {
  activity: 'Entity Management: Other',
  entity: () => ({ type: 'Unknown' }),
};

/**
 * An event in the words of the Open Cybersecurity Schema Framework. `metadata.uid` is the id of the event; all of it that OCSF has
 * no word for is in `unmapped`, its hash too. The names of people are in it only if `plain` is.
 */
export function toOcsf(event: OcsfSource): OcsfEvent {
  const contract = contractOf(event.type);
  const data = (contract && presentData(contract, event)) ?? event.data;
  const mapping = contract ? (mappings[contract.name as EventName] as Mapping<object>) : unknownEvent;
  const activity: Activity = mapping.which?.(data) ?? activitiesOf(mapping)[0]!;
  const { status = 'Success', severity = 'Informational' } = mapping;
  const { context, actor, plain } = event;
  const account = mapping.account?.(data) ?? event.account;
  const sessionId = mapping.session?.(data) ?? context.sessionId;
  const classOf = classified(activity);
  const user = account === undefined ? undefined : userOf(account, plain?.person ?? undefined);
  return {
    ...classOf,
    ...(classOf.class_uid === 3004
      ? { entity: entityOf(mapping.entity!(data), event.portal, user) }
      : { user: user ?? nobody }),
    ...(classOf.class_uid === 3002 && authentication(mapping, data, event, sessionId)),
    ...(mapping.policy !== undefined && classOf.class_uid === 3001 && { policies: [{ name: mapping.policy }] }),
    time: Date.parse(event.time),
    severity_id: severities[severity],
    severity,
    status_id: statuses[status],
    status,
    ...(mapping.detail && { status_detail: mapping.detail(data) }),
    message: contract?.summary ?? event.type,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Twinlock', vendor_name: 'Twinlock', feature: { name: appOf(event.type) } },
      uid: event.id,
      event_code: event.type,
      correlation_uid: context.correlationId,
      tenant_uid: event.portal,
      log_name: `${appOf(event.type)}.events`,
      original_time: event.time,
      sequence: event.streamVersion,
    },
    ...actorOf(actor, sessionId),
    ...originOf(plain?.origin ?? undefined, context.correlationId),
    unmapped: {
      data: event.data,
      context,
      actor,
      streamVersion: event.streamVersion,
      previousHash: event.previousHash,
      hash: event.hash,
      ...(event.account !== undefined && { account: event.account }),
    },
  };
}

/** A username that no account has is not recorded; the class asks for a user all the same. */
const nobody = { name: 'unknown', type_id: 0, type: 'Unknown' } as const;

function userOf(uid: string, person: NonNullable<Plain['person']> | undefined) {
  const { username, displayName, email, externalId } = person ?? {};
  return {
    uid,
    type_id: 1,
    type: 'User',
    ...(username !== undefined && { name: username }),
    ...(displayName !== undefined && { display_name: displayName }),
    ...(email !== undefined && { email_addr: email }),
    ...(externalId !== undefined && { uid_alt: externalId }),
  };
}

function entityOf({ type, uid, name, user }: Entity, portal: string, account: { uid: string } | undefined) {
  const isPortal = type === 'Portal';
  return {
    type_id: isPortal ? 4 : user ? 2 : type === 'Policy' ? 5 : 99,
    type: isPortal ? 'Organization' : type,
    ...(isPortal && { org: { uid: portal, name: portal } }),
    ...(type === 'Policy' && { policy: { uid: `${portal}/${name}`, name } }),
    ...(account !== undefined && { user: account }),
    uid: uid ?? (user && account?.uid) ?? `${portal}${name === undefined ? '' : `/${name}`}`,
    ...(name !== undefined && { name }),
  };
}

function authentication(mapping: Mapping<object>, data: object, event: OcsfSource, sessionId: string | undefined) {
  const factors = mapping.factors?.(data) ?? [];
  const code = factors.some(({ factor_type_id }) => factor_type_id !== 11);
  return {
    service: { name: 'Twinlock', uid: event.portal },
    is_mfa: code,
    ...(factors.length > 0 && { auth_factors: factors }),
    ...(sessionId !== undefined && { session: { uid: sessionId } }),
  };
}

/** Who acted. Nobody is named where nobody was recognized. */
function actorOf({ kind, id }: RecordedEvent['actor'], sessionId: string | undefined) {
  const session = sessionId === undefined ? {} : { session: { uid: sessionId } };
  const by = (type_id: number, type: string) => ({
    actor: { user: { ...(id === undefined ? { name: kind } : { uid: id }), type_id, type }, ...session },
  });
  switch (kind) {
    case 'user':
      return by(1, 'User');
    case 'administrator':
    case 'operator':
      return by(2, 'Admin');
    case 'service':
      return by(99, 'Service');
    case 'system':
      return { actor: { app_name: 'Twinlock', ...session } };
    case 'anonymous':
      return {};
    default:
      return kind satisfies never;
  }
}

function originOf(origin: NonNullable<Plain['origin']> | undefined, correlationId: string) {
  const { address, userAgent } = origin ?? {};
  return {
    ...(address !== undefined && { src_endpoint: isIP(address) === 0 ? { name: address } : { ip: address } }),
    http_request: { uid: correlationId, ...(userAgent !== undefined && { user_agent: userAgent }) },
  };
}
