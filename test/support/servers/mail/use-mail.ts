import { Stack, type StackOptions } from '../../process/stack.js';
import { MailServer } from './mail-server.js';

export const MAIL_FROM = 'Portal <no-reply@portal.example>';
export const PUBLIC_URL = 'https://portal.example';

/** A product of its own for the tests of a file, which mails by a server of its own. */
export async function useMailingStack({ env = {}, ...options }: StackOptions = {}): Promise<{
  stack: Stack;
  server: MailServer;
}> {
  const server = await MailServer.start();
  const stack = new Stack({ ...options, env: { SMTP_URL: server.url, MAIL_FROM, PUBLIC_URL, ...env } });
  beforeAll(() => stack.start());
  afterAll(async () => {
    await stack.stop();
    await server.close();
  });
  return { stack, server };
}
