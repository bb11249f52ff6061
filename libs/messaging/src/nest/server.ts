import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';

/** By pattern. */
export type Handlers = ReadonlyMap<string, MessageHandler>;

/** The bus as Nest sees it from one app: collects the handlers of the app's controllers. */
export class BusServer extends Server implements CustomTransportStrategy {
  /** Errors of event handlers come to the bus, which tries again; Nest need not report them. */
  override readonly propagatesEventHandlerErrors = true;

  constructor(private readonly bus: { begin(handlers: Handlers): void; end(): Promise<void> }) {
    super();
  }

  override listen(callback: (error?: unknown) => void): void {
    try {
      this.bus.begin(this.messageHandlers);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  override async close(): Promise<void> {
    await this.bus.end();
  }

  override on(): never {
    throw new TypeError('the bus has no events of its own');
  }

  override unwrap<T>(): T {
    throw new TypeError('what is underneath the bus is its own');
  }
}
