import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { Problem } from '#libs/contracts/src/problems.js';
import { packetOf, type Reply } from '../answering.js';
import { problemOf } from '../failures.js';

/** Whoever made a request. */
export interface Asker {
  /** False: nobody waits for the reply any more. */
  readonly waits: boolean;
}

/** Takes a request, as JSON, to the app that answers it. Resolves to its `Reply`, as JSON. */
export type Route = (pattern: string, payload: string, asker: Asker) => Promise<string>;

/** Asks the other apps. Payload and reply cross as JSON, on every bus, so that nothing is shared. */
export class BusClient extends ClientProxy {
  constructor(private readonly route: Route) {
    super();
  }

  override async connect(): Promise<void> {}
  override close(): void {}
  override unwrap<T>(): T {
    throw new TypeError('what is underneath the bus is its own');
  }

  protected override publish({ pattern, data }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const asker = { waits: true };
    const answer = (packet: WritePacket) => asker.waits && callback(packet);
    this.route(String(pattern), JSON.stringify(data), asker).then(
      (text) => answer(packetOf(JSON.parse(text) as Reply)),
      (error: unknown) => answer({ err: problemOf(error) }),
    );
    return () => {
      asker.waits = false;
    };
  }

  /** Events come from the log of an app alone: what is not recorded has not happened. */
  protected override dispatchEvent<T>(): Promise<T> {
    return Promise.reject(new Problem('internal-error', 'Events are published from the log only.'));
  }
}
