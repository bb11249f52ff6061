import type { Engine, EventLog, Feed, Records } from '#libs/engine/src/port.js';

const never = () => new Promise<never>(() => undefined);

/** An engine as one process has it: once that is killed, nothing it asks for happens or is answered. */
export class MortalEngine implements Engine {
  #alive = true;
  readonly log: EventLog;

  get erasures(): Engine['erasures'] {
    return this.#mortal(this.engine.erasures);
  }

  constructor(private readonly engine: Engine) {
    this.log = this.#mortal(engine.log, { feed: this.#mortal<Feed>(engine.log.feed) });
  }

  kill(): void {
    this.#alive = false;
  }

  records<Value>(name: string): Records<Value> {
    return this.#mortal(this.engine.records<Value>(name));
  }

  check(): Promise<void> {
    return this.engine.check();
  }

  readonly damaged = (damage: Error): void => this.engine.damaged(damage);

  /** The engine belongs to the ground. */
  async close(): Promise<void> {}

  #mortal<Part extends object>(part: Part, members: Partial<Part> = {}): Part {
    return new Proxy(part, {
      get: (target, name) => {
        if (Object.hasOwn(members, name)) return Reflect.get(members, name) as unknown;
        const member = Reflect.get(target, name, target) as unknown;
        if (typeof member !== 'function') return member;
        return (...given: unknown[]): unknown => {
          if (this.#alive || name === 'onAppend') return Reflect.apply(member, target, given) as unknown;
          return never();
        };
      },
    });
  }
}
