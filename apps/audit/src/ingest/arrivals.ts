import { Injectable } from '@nestjs/common';

type Listener = () => void;

/** Wakes those who read a portal's trail live. */
@Injectable()
export class Arrivals {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Returns the way to stop it. */
  listen(portal: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(portal) ?? new Set();
    this.#listeners.set(portal, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(portal);
    };
  }

  announce(portals: Iterable<string>): void {
    for (const portal of portals) for (const listener of this.#listeners.get(portal) ?? []) listener();
  }
}
