import { LRUCache } from 'lru-cache';
import type { Context } from '#libs/contracts/src/context.js';

/** Every instance may believe for so long what it was told of a token: a revocation waits it out (R28). */
export const REMEMBER_MS = 1_000;
/** Whoever waits so long knows that nobody goes by an answer of before, be it remembered or still on its way. */
export const FORGOTTEN_AFTER_MS = REMEMBER_MS + 250;

/** Who asks within a second of another gets the same answer, also while that is on its way. */
export class RecentAnswers<Answer extends object> {
  private readonly known = new LRUCache<string, Answer>({ max: 1_000, ttl: REMEMBER_MS });
  private readonly asked = new Map<string, { readonly start: number; readonly answer: Promise<Answer> }>();

  constructor(
    private readonly ask: (key: string, context: Context) => Promise<Answer>,
    /** Looked at again each time. An answer that may not be remembered is still given to those who waited for it. */
    private readonly mayBeRemembered: (answer: Answer) => boolean = () => true,
  ) {}

  async of(key: string, context: Context): Promise<Answer> {
    const known = this.known.get(key);
    if (known !== undefined && this.mayBeRemembered(known)) return known;
    // From here on: an answer that took its time may be of before a revocation that was waited out meanwhile.
    const start = performance.now();
    const asked = this.asked.get(key);
    if (asked !== undefined && start - asked.start < REMEMBER_MS) return asked.answer;
    const asking = { start, answer: this.ask(key, context) };
    this.asked.set(key, asking);
    try {
      const answer = await asking.answer;
      if (this.mayBeRemembered(answer)) this.known.set(key, answer, { start });
      return answer;
    } finally {
      if (this.asked.get(key) === asking) this.asked.delete(key);
    }
  }
}
