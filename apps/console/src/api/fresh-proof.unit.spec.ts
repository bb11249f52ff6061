import { sendProved, whenProofIsNeeded } from './fresh-proof.js';
import { NotProved } from './problem.js';

const needed = (...needs: string[]) =>
  new Response(JSON.stringify({ code: 're-authentication-required', detail: 'Prove it.', needs }), { status: 403 });
const request = (body: string) => new Request('https://console.example/v1/x', { method: 'PUT', body });

/** A server that wants a proof before it takes anything, and what it was sent. */
function server() {
  const taken: string[] = [];
  let proved = false;
  const send = async (sent: Request) => {
    const body = await sent.text();
    if (!proved) return needed('password', 'code');
    taken.push(body);
    return new Response(null, { status: 204 });
  };
  return { taken, send, prove: () => (proved = true) };
}

let stop: () => void;
afterEach(() => stop());

describe('a call that needs a fresh proof', () => {
  it('is made again, as it was, after the proof', async () => {
    const { taken, send, prove } = server();
    const asked: unknown[] = [];
    stop = whenProofIsNeeded(async (needs) => {
      asked.push(needs);
      return prove();
    });
    expect((await sendProved(request('typed'), send)).status).toBe(204);
    expect([asked, taken]).toEqual([[['password', 'code']], ['typed']]);
  });

  it('asks once where several do', async () => {
    const { taken, send, prove } = server();
    let asked = 0;
    stop = whenProofIsNeeded(async () => {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return prove();
    });
    await Promise.all(['a', 'b', 'c'].map((body) => sendProved(request(body), send)));
    expect([asked, taken.sort()]).toEqual([1, ['a', 'b', 'c']]);
  });

  it('is not made where the person would rather not', async () => {
    const { taken, send } = server();
    stop = whenProofIsNeeded(async () => false);
    await expect(sendProved(request('typed'), send)).rejects.toThrow(NotProved);
    expect(taken).toEqual([]);
  });

  it('is answered as the server answered it where nobody can be asked', async () => {
    const { send } = server();
    stop = whenProofIsNeeded(async () => true);
    stop();
    expect((await sendProved(request('typed'), send)).status).toBe(403);
  });
});

it('every other refusal is an answer, and can be read', async () => {
  stop = whenProofIsNeeded(async () => true);
  const refusal = JSON.stringify({ code: 'forbidden', detail: 'No.' });
  for (const body of [refusal, '<html>', '']) {
    const answer = await sendProved(request('typed'), async () => new Response(body, { status: 403 }));
    expect([answer.status, await answer.text()]).toEqual([403, body]);
  }
});
