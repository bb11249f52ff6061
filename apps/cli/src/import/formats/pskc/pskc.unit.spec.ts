import { base32nopad } from '@scure/base';
import { accountIn, convert, fixture } from '../testing/convert.js';
import { ownersIn } from './privacyidea.js';

const figure6 = fixture('rfc6030-figure-6.xml').replace(':hotp', ':totp');
const figure7 = fixture('rfc6030-figure-7.xml').replace(':hotp', ':totp');
const owners = new Map([['987654321', 'ada']]);
/** RFC 6030 §6.1.1: the key of figure 6; §6.2: the password of figure 7. */
const password = { 6: '12345678901234567890123456789012', 7: 'qwerty' };
const secretOfBoth = base32nopad.encode(Buffer.from('12345678901234567890'));

const plain = (key: string, device = '') => `<?xml version="1.0"?>
  <k:KeyContainer Version="1.0" xmlns:k="urn:ietf:params:xml:ns:keyprov:pskc"><k:KeyPackage>
  <k:DeviceInfo><k:SerialNo>S1</k:SerialNo>${device}</k:DeviceInfo>
  <k:Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">${key}</k:Key></k:KeyPackage></k:KeyContainer>`;
const secret = '<k:Data><k:Secret><k:PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</k:PlainValue></k:Secret></k:Data>';
const owner = '<k:UserId>UID=ada,DC=example,DC=net</k:UserId>';

describe('the figures of RFC 6030', () => {
  it('6: encrypted under a key', async () => {
    const [account] = (await convert('privacyidea', figure6, { owners, password: password[6] })).map(accountIn);
    expect(account).toMatchObject({ username: 'ada', totp: [{ secret: secretOfBoth, digits: 8, period: 30 }] });
  });

  it('7: encrypted with a password', async () => {
    const [account] = (await convert('privacyidea', figure7, { owners, password: password[7] })).map(accountIn);
    expect(account?.totp).toEqual([
      { secret: secretOfBoth, algorithm: 'SHA1', digits: 8, period: 30, name: 'TokenVendorAcme' },
    ]);
  });

  it('are of HOTP, which is refused', async () => {
    const text = fixture('rfc6030-figure-7.xml');
    const refused = { where: 'key 987654321', username: 'ada', code: 'hotp-unsupported' };
    expect(await convert('privacyidea', text, { owners, password: password[7] })).toEqual([refused]);
  });

  it('another password or key opens nothing', async () => {
    for (const wrong of ['qwertz', 'QWERTY', '']) {
      const [outcome] = await convert('privacyidea', figure7, { owners, password: wrong }).catch((error: Error) => [
        error.message,
      ]);
      expect(JSON.stringify(outcome)).toMatch(/cannot be opened|mac-wrong/);
    }
    const key = { owners, password: 'f'.repeat(32) };
    await expect(convert('privacyidea', figure6, key)).rejects.toThrow('cannot be opened');
    await expect(convert('privacyidea', figure6, { owners, password: 'qwerty' })).rejects.toThrow('in hexadecimal');
  });

  it.each([
    ['mac-wrong', '<ValueMAC>Su', '<ValueMAC>Tu'],
    ['mac-wrong', 'AAECAwQF', 'AAECAwQE'],
    ['mac-missing', /<ValueMAC>[^<]*<\/ValueMAC>/, ''],
    ['malformed', /AAECAwQF[^<]*/, '?'],
  ])('a value that was altered is refused: %s', async (code, text, other) => {
    const refused = { where: 'key 987654321', username: 'ada', field: 'Secret', code };
    const altered = figure6.replace(text, other);
    expect(await convert('privacyidea', altered, { owners, password: password[6] })).toEqual([refused]);
  });

  it.each([
    ['PBKDF2 alone', '#pbkdf2"', '#scrypt"'],
    ['parameters of PBKDF2', '<IterationCount>1000<', '<IterationCount>99999999999<'],
    ['parameters of PBKDF2', '<KeyLength>16<', '<KeyLength>17<'],
    ['MAC', 'xmldsig#hmac-sha1', 'xmldsig#hmac-md5'],
    ['MAC', 'xmldsig#hmac-sha1', 'xmldsig#constructor'],
    ['AES in CBC mode alone', '#aes128-cbc', '#tripledes-cbc'],
  ])('another way of encryption is named: %s', async (named, text, other) => {
    const altered = figure7.replace(text, other);
    await expect(convert('privacyidea', altered, { owners, password: password[7] })).rejects.toThrow(named);
  });
});

describe("privacyIDEA's export", () => {
  const text = fixture('privacyidea-3.14.xml');
  const key = 'c022c00453d0006bef2c8c530c5ee2d9';
  const who = ownersIn('alice@portal, TOTP00000817\nbob@portal, TOTP000182DC\nn/a, TOTP00023636\n');

  it('has keys, and whose they are is said beside it', async () => {
    const converted = await convert('privacyidea', text, { password: key, owners: who });
    expect(converted.filter((one) => 'code' in one)).toEqual([
      { where: 'key TOTP00023636', field: 'UserId', code: 'no-owner' },
      { where: 'key OATH000043AF', field: 'UserId', code: 'no-owner' },
    ]);
    const [bob, alice] = converted.filter((one) => 'line' in one).map(accountIn);
    const hex = (digits: string) => base32nopad.encode(Buffer.from(digits, 'hex'));
    // as its own export to CSV says it
    expect(alice).toMatchObject({
      username: 'alice',
      totp: [
        {
          secret: hex('9097605821f8b35453a40d8c98a2db52cf845f76c497fa3b5a87409f5b2f364a'),
          algorithm: 'SHA256',
          digits: 8,
          period: 60,
          name: 'Phone of Alice & co',
        },
      ],
    });
    expect(bob).toMatchObject({ username: 'bob', totp: [{ secret: hex('beea85a10cfccdaeec147624927bac5e359f7150') }] });
  });

  it('refuses an account of which one key is of HOTP', async () => {
    const both = new Map([...who, ['OATH000043AF', 'Bob']]);
    const converted = await convert('privacyidea', text, { password: key, owners: both });
    expect(converted).toContainEqual({ where: 'key OATH000043AF', username: 'Bob', code: 'hotp-unsupported' });
    expect(converted.filter((one) => one.username?.toLowerCase() === 'bob')).toHaveLength(1);
  });
});

describe('a plain key', () => {
  it.each([
    ['its UserId', plain(owner + secret)],
    ["the device's UserId", plain(secret, '<k:UserId>CN=ada,DC=example</k:UserId>')],
    ['a name alone', plain(`<k:UserId>ada</k:UserId>${secret}`)],
  ])('is of the person in %s', async (_, text) => {
    const [account] = (await convert('privacyidea', text)).map(accountIn);
    expect(account).toMatchObject({ username: 'ada', totp: [{ secret: secretOfBoth, algorithm: 'SHA1', digits: 6 }] });
  });

  it.each([
    ['HMAC-SHA256', 'SHA256'],
    ['sha512', 'SHA512'],
  ])('has the algorithm of the suite %s', async (suite, algorithm) => {
    const parameters = `<k:AlgorithmParameters><k:Suite>${suite}</k:Suite></k:AlgorithmParameters>`;
    const [account] = (await convert('privacyidea', plain(parameters + owner + secret))).map(accountIn);
    expect(account?.totp).toMatchObject([{ algorithm }]);
  });

  it.each([
    ['no owner', secret, 'UserId', 'no-owner'],
    ['no secret', owner, 'Secret', 'malformed'],
    [
      'no Base64',
      `${owner}<k:Data><k:Secret><k:PlainValue>!</k:PlainValue></k:Secret></k:Data>`,
      'Secret',
      'malformed',
    ],
    [
      'a suite of MD5',
      `<k:AlgorithmParameters><k:Suite>MD5</k:Suite></k:AlgorithmParameters>${owner}${secret}`,
      'Suite',
      'algorithm-unsupported',
    ],
    [
      'letters',
      `<k:AlgorithmParameters><k:ResponseFormat Length="6" Encoding="ALPHANUMERIC"/></k:AlgorithmParameters>${owner}${secret}`,
      'ResponseFormat',
      'algorithm-unsupported',
    ],
    [
      'no interval',
      `${owner}${secret.replace('</k:Data>', '<k:TimeInterval/></k:Data>')}`,
      'TimeInterval',
      'malformed',
    ],
  ])('with %s is refused', async (_, key, field, code) => {
    const [refused] = await convert('privacyidea', plain(key));
    expect(refused).toMatchObject({ where: 'key S1', field, code });
  });
});

describe('owners', () => {
  it('are the logins of lines, whatever stands behind the serial number', () => {
    expect([...ownersIn('a@b@realm, S1, 00ff, totp\r\nada,S2\n\nn/a, S3\n')]).toEqual([
      ['S1', 'a@b'],
      ['S2', 'ada'],
    ]);
  });

  it('a line that is none is named', () => {
    expect(() => ownersIn('ada, S1\nada\n')).toThrow('line 2');
  });
});
