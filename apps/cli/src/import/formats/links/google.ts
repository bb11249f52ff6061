import { BinaryReader } from '@bufbuild/protobuf/wire';
import { base32nopad } from '@scure/base';
import { type Converted, type Format, nameOf, numbered, type TotpLine } from '../format.js';
import { labelOf } from './otpauth.js';
import { accountsOf, type Listed } from '../owners.js';

const PREFIX = 'otpauth-migration://offline';

/**
 * What Google Authenticator shows as QR codes to move to another phone, one link a line: `otpauth-migration://offline?data=…`,
 * a `MigrationPayload` of Protocol Buffers in Base64. A large export has several links. Periods are 30 seconds.
 */
export const google: Format = {
  title: 'links of Google Authenticator (otpauth-migration://)',
  looksLike: (head) => /^otpauth-migration:\/\//i.test(head),
  convert: async function* (lines): AsyncIterable<Converted> {
    const listed: Listed[] = [];
    const batches = new Map<number, { size: number; seen: Set<number> }>();
    for await (const { where, line } of numbered(lines)) {
      const payload = payloadOf(line.trim());
      if (payload === undefined) {
        listed.push({ where, code: 'malformed' });
        continue;
      }
      const { keys, size, index, id } = payload;
      const batch = batches.get(id) ?? { size, seen: new Set() };
      batches.set(id, { ...batch, seen: batch.seen.add(index) });
      listed.push(...keys.map((key, at) => listedOf(key, `${where}, entry ${at + 1}`)));
    }
    for (const { size, seen } of batches.values())
      for (let index = 0; index < Math.min(size, 1_000); index += 1)
        if (!seen.has(index)) listed.push({ where: `link ${index + 1} of ${size}`, code: 'link-missing' });
    yield* accountsOf(listed);
  },
};

interface Key {
  secret: Uint8Array;
  name: string;
  issuer: string;
  algorithm: number;
  digits: number;
  type: number;
}

const algorithms: Record<number, TotpLine['algorithm']> = { 0: 'SHA1', 1: 'SHA1', 2: 'SHA256', 3: 'SHA512' };
const digitCounts: Record<number, number> = { 0: 6, 1: 6, 2: 8 };
const HOTP = 1;
const TOTP = 2;

function listedOf(key: Key, where: string): Listed {
  const label = labelOf(key.name);
  const username = label.account;
  if (username === '') return { where, field: 'username', code: 'missing' };
  if (key.type === HOTP) return { where, username, code: 'hotp-unsupported' };
  if (key.type !== TOTP) return { where, username, field: 'type', code: 'malformed' };
  if (key.secret.length === 0) return { where, username, field: 'secret', code: 'missing' };
  const algorithm = algorithms[key.algorithm];
  if (algorithm === undefined) return { where, username, field: 'algorithm', code: 'algorithm-unsupported' };
  const digits = digitCounts[key.digits];
  if (digits === undefined) return { where, username, field: 'digits', code: 'malformed' };
  const name = nameOf(key.issuer || label.issuer);
  const totp = { secret: base32nopad.encode(key.secret), algorithm, digits, name };
  return { where, username, totp: totp as TotpLine };
}

interface Payload {
  keys: Key[];
  /** Of the links of this export, and which of them this one is, from 0. */
  size: number;
  index: number;
  id: number;
}

function payloadOf(line: string): Payload | undefined {
  if (!line.toLowerCase().startsWith(PREFIX)) return undefined;
  // a plus that was not encoded is read as a blank
  const data = new URLSearchParams(line.slice(line.indexOf('?') + 1)).get('data')?.replaceAll(' ', '+');
  if (!data || !/^[A-Za-z0-9+/_-]+=*$/.test(data)) return undefined;
  try {
    return migrationPayload(new BinaryReader(Buffer.from(data, 'base64')));
  } catch {
    return undefined;
  }
}

/** @throws Error it is cut off, or no message */
function migrationPayload(reader: BinaryReader): Payload {
  const payload: Payload = { keys: [], size: 1, index: 0, id: 0 };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) payload.keys.push(otpParameters(new BinaryReader(reader.bytes())));
    else if (field === 3) payload.size = reader.int32();
    else if (field === 4) payload.index = reader.int32();
    else if (field === 5) payload.id = reader.int32();
    else reader.skip(wireType, field);
  }
  return payload;
}

function otpParameters(reader: BinaryReader): Key {
  const key: Key = { secret: new Uint8Array(), name: '', issuer: '', algorithm: 0, digits: 0, type: 0 };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) key.secret = reader.bytes();
    else if (field === 2) key.name = reader.string();
    else if (field === 3) key.issuer = reader.string();
    else if (field === 4) key.algorithm = reader.int32();
    else if (field === 5) key.digits = reader.int32();
    else if (field === 6) key.type = reader.int32();
    else reader.skip(wireType, field);
  }
  return key;
}
