import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { Found } from '../query/trail-reader.js';
import { RecordedStream, sealed } from '../testing/recorded.js';
import { formats } from './formats.js';

const found = (event: RecordedEvent): Found => ({ place: { number: 1, at: 0 }, text: JSON.stringify(event), event });
const event = new RecordedStream().next({ data: { reason: 'wrong', failedAttempts: 2 } });

describe('NDJSON', () => {
  it('has an event per line, as the list has it', () => {
    const lines = formats.ndjson.lines([found(event), found(event)]).split('\n');
    expect(lines).toHaveLength(3);
    expect([lines[0], lines[1]].map((line) => JSON.parse(line ?? '') as unknown)).toEqual([event, event]);
    expect(lines[2]).toBe('');
  });
});

describe('CSV', () => {
  it('names its columns', () => {
    expect(formats.csv.header).toBe(
      'id,time,type,portal,account,actorKind,actorId,data,streamVersion,previousHash,hash,' +
        'entrance,correlationId,causationId,sessionId,challengeId,username,address,userAgent,authenticatorName,accountName,actorName\r\n',
    );
  });

  it('has an event per row', () => {
    expect(formats.csv.lines([found(event)])).toBe(
      `demo.a1.two-factor.attempt-failed.v1.1,2026-01-01T00:00:01.000Z,two-factor.attempt-failed.v1,demo,a1,user,a1,` +
        `"{""reason"":""wrong"",""failedAttempts"":2}",1,${'0'.repeat(64)},${event.hash},http,${event.context.correlationId},,,,,,,,,\r\n`,
    );
  });

  it('has what is personal under columns of its own', () => {
    const plain = { person: { username: 'alice' }, origin: { address: '192.0.2.1', userAgent: 'curl' } };
    expect(formats.csv.lines([found({ ...event, plain } as RecordedEvent)])).toContain(',alice,192.0.2.1,curl,,,\r\n');
  });

  it('has what an authenticator is called, as text', () => {
    const plain = { person: { authenticatorName: '=HYPERLINK("http://evil")' } };
    expect(formats.csv.lines([found({ ...event, plain } as RecordedEvent)])).toContain(
      `,,"'=HYPERLINK(""http://evil"")",,\r\n`,
    );
  });

  it('names whom it is about and who acted, as text', () => {
    const names = { account: 'alice', actor: '=grace' };
    expect(formats.csv.lines([{ ...found(event), names }])).toContain(",,,,,alice,'=grace\r\n");
  });

  it('leaves empty what an event does not have', () => {
    const system = sealed({ ...new RecordedStream({ account: null }).next(), actor: { kind: 'system' } });
    expect(formats.csv.lines([found(system)])).toContain(',demo,,system,,{},1,');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('makes no formula of %j', (text) => {
    const forged = { ...event, id: text } as RecordedEvent;
    const [cell] = formats.csv.lines([found(forged)]).split(',');
    expect(cell?.replace(/^"/, '').startsWith(`'${text[0] ?? ''}`)).toBe(true);
  });

  it('bears an event that lacks what it should have', () => {
    const broken = { portal: 'demo', type: 'two-factor.x.v1', hash: 'h' } as unknown as RecordedEvent;
    expect(formats.csv.lines([found(broken)])).toBe(`,,two-factor.x.v1,demo,,,,{},,,h${','.repeat(11)}\r\n`);
  });
});
