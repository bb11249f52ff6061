/** Between the windows of a browser, which have one session. It carries nothing but that something changed. */
const channel = new BroadcastChannel('twinlock');

/** The session, or what is one's own, is another than before. */
export const tellOtherWindows = (): void => channel.postMessage('changed');

/** Calls `act` when another window tells so; returns how to stop. */
export function whenOtherWindowTells(act: () => void): () => void {
  channel.addEventListener('message', act);
  return () => channel.removeEventListener('message', act);
}
