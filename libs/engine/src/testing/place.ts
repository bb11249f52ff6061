import type { Engine } from '../port.js';

/** Where one engine keeps its data; nothing is there at first. */
export interface EnginePlace {
  open(): Promise<Engine>;
  /** After the engines that were opened here are closed. */
  remove(): Promise<void>;
}

/** For a suite: an engine that is closed after each test, and what was stored is what the next `reopen` finds. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** Closes it and opens it anew on what it has stored. */
  reopen(): Promise<Engine>;
}
