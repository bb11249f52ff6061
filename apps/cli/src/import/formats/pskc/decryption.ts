import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type ConversionRefusal, UnreadableExport } from '../format.js';
import type { Element } from './xml.js';

/** A file of a million rounds is opened in a second; one of a thousand millions would not end. */
const MOST_ROUNDS = 10_000_000;
const AES_BLOCK = 16;

/** Opens the value of a `Secret`. */
export type Decryption = (secret: Element) => Buffer | ConversionRefusal;

/**
 * The encryption of a `KeyContainer` (RFC 6030 §6): under a key that both sides know, given in hexadecimal, or one derived from
 * a password with PBKDF2. AES in CBC mode always comes with a MAC over the encrypted bytes.
 * @throws UnreadableExport another encryption, or not this password
 */
export async function decryptionOf(container: Element, password: () => Promise<string>): Promise<Decryption> {
  const encryptionKey = container.first('EncryptionKey');
  if (encryptionKey === undefined) return () => 'malformed';
  const derivation = encryptionKey.first('DerivedKey', 'KeyDerivationMethod');
  const given = await password();
  const key = derivation === undefined ? presharedKey(given) : await derivedKey(derivation, given);
  const mac = macOf(container, key);
  return (secret) => {
    const value = secret.first('EncryptedValue');
    const valueMac = secret.first('ValueMAC')?.text;
    if (value === undefined) return 'malformed';
    if (valueMac === undefined) return 'mac-missing';
    const encrypted = bytesOf(value.first('CipherData', 'CipherValue')?.text);
    const stated = bytesOf(valueMac);
    if (encrypted === undefined || stated === undefined) return 'malformed';
    const computed = mac(encrypted);
    if (stated.length !== computed.length || !timingSafeEqual(stated, computed)) return 'mac-wrong';
    return decrypted(value, encrypted, key) ?? 'malformed';
  };
}

function presharedKey(given: string): Buffer {
  const text = given.replace(/\s/g, '');
  if (!/^(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/i.test(text))
    throw new UnreadableExport('is encrypted under a key: give it in hexadecimal, 32, 48 or 64 digits');
  return Buffer.from(text, 'hex');
}

/** RFC 8018 §5.2; the names of the functions are those of RFC 9231. */
const prfs = new Map([
  ['', 'sha1'],
  ['hmac-sha1', 'sha1'],
  ['hmac-sha224', 'sha224'],
  ['hmac-sha256', 'sha256'],
  ['hmac-sha384', 'sha384'],
  ['hmac-sha512', 'sha512'],
]);

async function derivedKey(method: Element, password: string): Promise<Buffer> {
  const parameters = method.first('PBKDF2-params');
  const salt = bytesOf((parameters?.first('Salt', 'Specified') ?? parameters?.first('Salt'))?.text);
  const rounds = Number(parameters?.first('IterationCount')?.text);
  const length = Number(parameters?.first('KeyLength')?.text ?? 16);
  const digest = prfs.get(fragmentOf(parameters?.first('PRF')?.attribute('Algorithm')));
  if (fragmentOf(method.attribute('Algorithm')) !== 'pbkdf2' || salt === undefined || digest === undefined)
    throw new UnreadableExport('is encrypted in a way that is not supported: of passwords, PBKDF2 alone is');
  if (!Number.isSafeInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS || ![16, 24, 32].includes(length))
    throw new UnreadableExport('has parameters of PBKDF2 that are not supported');
  return promisify(pbkdf2)(password, salt, rounds, length, digest);
}

/** Under the `MACKey`, or the key of the encryption where there is none (RFC 6030 §6.1.1). */
function macOf(container: Element, key: Buffer): (bytes: Buffer) => Buffer {
  const method = container.first('MACMethod');
  const digest = prfs.get(fragmentOf(method?.attribute('Algorithm')));
  if (digest === undefined) throw new UnreadableExport('has a MAC that is not supported');
  const macKey = method?.first('MACKey');
  const encrypted = bytesOf(macKey?.first('CipherData', 'CipherValue')?.text);
  const own = macKey && encrypted && decrypted(macKey, encrypted, key);
  // the padding is right by chance for one wrong key in 256; the MAC of each key tells the others
  if (macKey !== undefined && own === undefined)
    throw new UnreadableExport('cannot be opened with this password or key, or was altered');
  return (bytes) =>
    createHmac(digest, own ?? key)
      .update(bytes)
      .digest();
}

/** AES in CBC mode, its first block the initialization vector (XML Encryption §5.2). */
function decrypted(value: Element, bytes: Buffer, key: Buffer): Buffer | undefined {
  const algorithm = fragmentOf(value.first('EncryptionMethod')?.attribute('Algorithm'));
  if (!/^aes(128|192|256)-cbc$/.test(algorithm))
    throw new UnreadableExport('is encrypted in a way that is not supported: AES in CBC mode alone is');
  try {
    const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, bytes.subarray(0, AES_BLOCK));
    // XML Encryption leaves all but the last byte of the padding open
    decipher.setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(bytes.subarray(AES_BLOCK)), decipher.final()]);
    const padding = padded.at(-1) ?? 0;
    return padding >= 1 && padding <= AES_BLOCK ? padded.subarray(0, padded.length - padding) : undefined;
  } catch {
    return undefined;
  }
}

const fragmentOf = (uri = ''): string => uri.slice(uri.indexOf('#') + 1).toLowerCase();

export function bytesOf(base64: string | undefined): Buffer | undefined {
  const text = base64?.replace(/\s/g, '');
  return text && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
