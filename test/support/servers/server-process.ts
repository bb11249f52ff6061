/** A server of ours, which can be treated badly. */
export interface ServerProcess {
  /** SIGKILL: nothing in it gets a chance to tidy up. */
  kill(): Promise<void>;
  /** On what it has stored, at the same address. */
  start(): Promise<void>;
  /** It keeps its connections and answers nothing, until it is thawed. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends it and deletes what it has stored. */
  remove(): Promise<void>;
}

/** The first that can be started here, or why none can. */
export async function firstToStart<Server>(
  starts: readonly (() => Promise<Server>)[],
): Promise<Server | { readonly missing: string }> {
  const missing: string[] = [];
  for (const start of starts) {
    try {
      return await start();
    } catch (error) {
      missing.push((error as Error).message);
    }
  }
  return { missing: missing.join('; ') };
}
