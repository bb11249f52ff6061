import { base32nopad } from '@scure/base';
import {
  algorithmOf,
  type Converted,
  type Format,
  type Given,
  nameOf,
  numberOf,
  type TotpLine,
  UnreadableExport,
  whole,
} from '../format.js';
import { accountsOf, type Listed } from '../owners.js';
import { bytesOf, type Decryption, decryptionOf } from './decryption.js';
import { Element } from './xml.js';

/**
 * PSKC (RFC 6030), as `pi-tokenjanitor find export --format pskc` of privacyIDEA writes it, and others do. privacyIDEA leaves out
 * whose a key is: `--owners` says it, by serial number.
 */
export const privacyidea: Format = {
  title: 'PSKC (RFC 6030), such as of privacyIDEA',
  looksLike: (head) => head.startsWith('<') && /<(?:[\w.-]+:)?keycontainer[\s>]/i.test(head),
  convert: async function* (lines, given): AsyncIterable<Converted> {
    const container = Element.rootOf(await whole(lines));
    if (container.name !== 'keycontainer') throw new UnreadableExport('has no KeyContainer');
    const packages = container.all('KeyPackage');
    const encrypted = packages.some((one) => one.first('Key', 'Data', 'Secret', 'EncryptedValue') !== undefined);
    const open: Decryption = encrypted ? await decryptionOf(container, given.password) : () => 'malformed';
    yield* accountsOf(packages.map((one, index) => listedOf(one, index, given.owners, open)));
  },
};

function listedOf(one: Element, index: number, owners: Given['owners'], open: Decryption): Listed {
  const key = one.first('Key');
  const serial = one.first('DeviceInfo', 'SerialNo')?.text ?? key?.attribute('Id');
  const where = serial === undefined ? `key ${index + 1}` : `key ${serial}`;
  if (key === undefined) return { where, field: 'Key', code: 'malformed' };
  const username = ownerOf(one) ?? (serial === undefined ? undefined : owners?.get(serial));
  if (username === undefined) return { where, field: 'UserId', code: 'no-owner' };
  const algorithm = key.attribute('Algorithm')?.toLowerCase() ?? '';
  if (algorithm.endsWith(':hotp')) return { where, username, code: 'hotp-unsupported' };
  if (!algorithm.endsWith(':totp')) return { where, username, field: 'Algorithm', code: 'algorithm-unsupported' };
  const parameters = parametersOf(key);
  if ('field' in parameters) return { where, username, ...parameters };
  const secret = key.first('Data', 'Secret');
  const plain = secret?.first('PlainValue');
  const bytes = plain ? bytesOf(plain.text) : secret && open(secret);
  if (bytes === undefined) return { where, username, field: 'Secret', code: 'malformed' };
  if (typeof bytes === 'string') return { where, username, field: 'Secret', code: bytes };
  const name = nameOf(key.first('FriendlyName')?.text ?? one.first('DeviceInfo', 'Manufacturer')?.text);
  const totp = { secret: base32nopad.encode(bytes), ...parameters, name };
  return { where, username, totp };
}

type Parameters = Pick<TotpLine, 'algorithm' | 'digits' | 'period'>;

/** RFC 6030 §4.3.4, §4.3.5; which digits and periods there may be, the call says. */
function parametersOf(key: Element): Parameters | { field: string; code: 'malformed' | 'algorithm-unsupported' } {
  const suite = key.first('AlgorithmParameters', 'Suite');
  const algorithm = algorithmOf(suite?.attribute('hashalgo') ?? suite?.text ?? 'SHA1');
  if (algorithm === undefined) return { field: 'Suite', code: 'algorithm-unsupported' };
  const form = key.first('AlgorithmParameters', 'ResponseFormat');
  if (form && (form.attribute('Encoding')?.toUpperCase() !== 'DECIMAL' || form.attribute('CheckDigits') === 'true'))
    return { field: 'ResponseFormat', code: 'algorithm-unsupported' };
  const digits = numberOf(form?.attribute('Length') ?? '6');
  if (digits === undefined) return { field: 'ResponseFormat', code: 'malformed' };
  const interval = key.first('Data', 'TimeInterval');
  const period = numberOf(interval ? (interval.first('PlainValue')?.text ?? '') : '30');
  if (period === undefined) return { field: 'TimeInterval', code: 'malformed' };
  return { algorithm, digits: digits as 6, period: period as 30 };
}

/** A `UserId` is a distinguished name (RFC 6030 §4.2.2), or in practice the name alone. */
function ownerOf(one: Element): string | undefined {
  const userId = one.first('Key', 'UserId')?.text ?? one.first('DeviceInfo', 'UserId')?.text;
  if (userId === undefined) return undefined;
  const attribute = /(?:^|[,+])\s*(?:UID|CN)\s*=\s*(?<value>(?:\\.|[^,+\\])+)/i.exec(userId)?.groups?.value;
  return attribute === undefined ? userId : attribute.replace(/\\(.)/g, '$1').trim();
}

/**
 * Owners by serial number, of lines `owner@realm, serial`: the first two fields of
 * `pi-tokenjanitor find --assigned True export --format csv`. What stands after the serial number is not read.
 * @throws UnreadableExport
 */
export function ownersIn(text: string): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [owner = '', serial = ''] = line.split(',').map((part) => part.trim());
    if (owner === '' || serial === '')
      throw new UnreadableExport(`has no owner and serial number in line ${index + 1}`);
    if (owner === 'n/a') continue;
    const realm = owner.lastIndexOf('@');
    owners.set(serial, realm > 0 ? owner.slice(0, realm) : owner);
  }
  return owners;
}
