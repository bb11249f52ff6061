import { useSyncExternalStore } from 'react';

type State = 'connected' | 'lost';

const LOOK_AGAIN_MS = 2000;
let state: State = 'connected';
let looking: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const healed = new Set<() => void>();

/** A request got no answer: from now on the server is asked until it answers again. */
export function connectionLost(): void {
  if (state === 'lost') return;
  set('lost');
  looking = setTimeout(lookAgain, LOOK_AGAIN_MS);
}

/** Runs `act` each time the connection is back; returns how to stop. */
export function whenHealed(act: () => void): () => void {
  healed.add(act);
  return () => healed.delete(act);
}

export const useConnection = (): State => useSyncExternalStore(subscribe, () => state);

async function lookAgain(): Promise<void> {
  const alive = await fetch('/health/live', { cache: 'no-store' }).then(
    (answer) => answer.ok,
    () => false,
  );
  // another look was sooner
  if (state === 'connected') return;
  clearTimeout(looking);
  if (!alive) return void (looking = setTimeout(lookAgain, LOOK_AGAIN_MS));
  set('connected');
  healed.forEach((act) => act());
}

function set(next: State): void {
  state = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

window.addEventListener('offline', connectionLost);
window.addEventListener('online', () => state === 'lost' && void lookAgain());
