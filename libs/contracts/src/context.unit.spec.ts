import fc from 'fast-check';
import { traceparentFrom } from './context.js';
import { eventContext } from './events/event.js';

const hex = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((all) => all.join(''));
const parts = fc.tuple(hex(32), hex(16), hex(2)).filter(([trace, span]) => /[^0]/.test(trace) && /[^0]/.test(span));

describe('the trace of a caller', () => {
  it('is taken as it was sent in the version that is known, with nothing behind it', () => {
    fc.assert(
      fc.property(parts, ([trace, span, flags]) => {
        const sent = `00-${trace}-${span}-${flags}`;
        expect(traceparentFrom(sent)).toBe(sent);
        for (const wrong of [`${sent}-`, `${sent}0`, ` ${sent}`, sent.slice(1), `${sent}, ${sent}`]) {
          expect(traceparentFrom(wrong)).toBeUndefined();
        }
      }),
    );
  });

  it('of a later version is taken as of the known one, with the one flag of both', () => {
    fc.assert(
      fc.property(parts, hex(2), ([trace, span, flags], version) => {
        fc.pre(version !== '00' && version !== 'ff');
        const sampled = Number.parseInt(flags, 16) % 2;
        for (const more of ['', '-', '-what else']) {
          expect(traceparentFrom(`${version}-${trace}-${span}-${flags}${more}`)).toBe(
            `00-${trace}-${span}-0${sampled}`,
          );
        }
      }),
    );
  });

  it('is nothing else, and whatever it is can be recorded', () => {
    const shape = fc.stringMatching(/^[0-9a-fA-F]{2}-[0-9a-fA-F]{32}-[0-9a-fA-F]{16}-[0-9a-fA-F]{2}(-.{0,3})?$/);
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), shape), (sent) => {
        const traceparent = traceparentFrom(sent);
        expect(eventContext.safeParse({ correlationId: 'a1', entrance: 'http', traceparent }).success).toBe(true);
      }),
    );
    for (const wrong of [`00-${'0'.repeat(32)}-${'1'.repeat(16)}-00`, `00-${'1'.repeat(32)}-${'0'.repeat(16)}-00`]) {
      expect(traceparentFrom(wrong)).toBeUndefined();
    }
    expect(traceparentFrom(`ff-${'1'.repeat(32)}-${'1'.repeat(16)}-00`)).toBeUndefined();
    expect(traceparentFrom(undefined)).toBeUndefined();
  });
});
