import { useEffect } from 'react';

/** A page that the browser keeps for the way back must not keep what it showed. */
export function useForgetting(forget: () => void): void {
  useEffect(() => {
    window.addEventListener('pagehide', forget);
    return () => window.removeEventListener('pagehide', forget);
  });
}
