import { Parser } from '@asyncapi/parser';
import { appNames } from '#libs/contracts/src/http/endpoint.js';
import { asyncApiDocument } from './document.js';

/** Of its severities, errors are 0 and warnings 1. */
async function parse(document: object) {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
  const found = diagnostics.map(({ severity, message, path }) => ({ severity: Number(severity), message, path }));
  return { parsed, found };
}

describe('the AsyncAPI document, by the official parser', () => {
  it('is valid AsyncAPI 3, without a warning', async () => {
    const document = asyncApiDocument(appNames) as { channels: object };
    const { parsed, found } = await parse(document);
    expect(found.filter(({ severity }) => severity <= 1)).toEqual([]);
    expect(parsed?.version()).toBe('3.0.0');
    expect(parsed?.channels().length).toBe(Object.keys(document.channels).length);
  });

  it.each(appNames)('is valid for %s alone', async (app) => {
    const { found } = await parse(asyncApiDocument([app]));
    expect(found.filter(({ severity }) => severity === 0)).toEqual([]);
  });
});
