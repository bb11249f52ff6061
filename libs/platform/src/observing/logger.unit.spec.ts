import { createLogger, NestLogger, redactedPaths } from './logger.js';

function lines(level = 'trace') {
  const written: string[] = [];
  const logger = createLogger(level, { write: (line) => void written.push(line) });
  return { logger, text: () => written.join(''), parsed: () => written.map((line) => JSON.parse(line) as object) };
}
const names = [...new Set(redactedPaths.map((path) => /\["(\w+)"\]$/.exec(path)![1]!))];

describe('the log', () => {
  it.each(names)('hides what stands under %s, at each depth', (name) => {
    const { logger, text } = lines();
    logger.info({ [name]: 'hunter2' }, 'one');
    logger.info({ a: { [name]: 'hunter2' } }, 'two');
    logger.info({ a: { b: { [name]: { nested: 'hunter2' } } } }, 'three');
    logger.info({ a: { b: { c: { [name]: ['hunter2'] } } } }, 'four');
    logger.child({ request: { headers: { [name]: 'hunter2' } } }).info('five');
    expect(text()).not.toContain('hunter2');
    expect(text().match(/\[redacted\]/g)).toHaveLength(5);
  });

  it('writes of an error its name, message and stack, not what else hangs on it', () => {
    const { logger, parsed } = lines();
    const error = Object.assign(new TypeError('no such thing', { cause: new RangeError('too far') }), {
      payload: { password: 'hunter2' },
    });
    logger.error({ err: error }, 'failed');
    expect(parsed()[0]).toMatchObject({
      level: 'error',
      msg: 'failed',
      err: { type: 'TypeError', message: 'no such thing', stack: error.stack, cause: { type: 'RangeError' } },
    });
    expect(JSON.stringify(parsed()[0])).not.toContain('hunter2');
  });

  it('writes of what is thrown but no error nothing', () => {
    const { logger, text } = lines();
    logger.error({ err: 'hunter2' }, 'failed');
    expect(text()).not.toContain('hunter2');
  });

  it('lets Nest speak, its start-up talk at debug level', () => {
    const { logger, parsed } = lines();
    const nest = new NestLogger(logger);
    nest.log('Mapped {/v1/login, POST} route', 'RouterExplorer');
    nest.error(new Error('broken'), undefined, 'Injector');
    nest.warn({ password: 'hunter2' });
    expect(parsed()).toMatchObject([
      { level: 'debug', context: 'RouterExplorer', msg: 'Mapped {/v1/login, POST} route' },
      { level: 'error', context: 'Injector', msg: 'broken', err: { type: 'Error' } },
      { level: 'warn', msg: 'a message that is no text' },
    ]);
  });
});
