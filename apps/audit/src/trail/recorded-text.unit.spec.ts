import fc from 'fast-check';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { canonical } from '#libs/event-store/src/canonical.js';
import { RecordedStream, sealed } from '../testing/recorded.js';
import { recordedText } from './recorded-text.js';

/** As the bus hands it on: parsed from the hashed bytes, and the hash added. */
const delivered = ({ hash, ...form }: RecordedEvent): RecordedEvent =>
  Object.assign(JSON.parse(canonical(form)) as RecordedEvent, { hash });

describe('the text of an event', () => {
  it('is the hashed bytes with the hash as their last member', () => {
    const event = new RecordedStream().next();
    const { hash, ...form } = event;
    const { text, intact } = recordedText(delivered(event));
    expect([intact, text]).toEqual([true, `${canonical(form).slice(0, -1)},"hash":"${hash}"}`]);
    expect(JSON.parse(text)).toEqual(event);
  });

  it('is the same whatever way the event came, for any data', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' })), (data) => {
        const event = sealed({ ...new RecordedStream().next(), data });
        const jumbled = Object.fromEntries(Object.entries(event).reverse()) as unknown as RecordedEvent;
        const expected = recordedText(delivered(event));
        expect(expected.intact).toBe(true);
        expect(recordedText(jumbled)).toEqual(expected);
      }),
    );
  });

  it('tells an event that was altered', () => {
    const event = new RecordedStream().next();
    expect(recordedText({ ...event, time: '2026-01-01T00:00:00.000Z' }).intact).toBe(false);
    expect(recordedText({ ...event, data: { more: 1 } }).intact).toBe(false);
  });

  it('keeps even what cannot have been hashed', () => {
    const event = { ...new RecordedStream().next(), data: { text: '\ud800' } };
    const { text, intact } = recordedText(event);
    expect([intact, JSON.parse(text)]).toEqual([false, event]);
  });
});
