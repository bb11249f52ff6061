import { useEffect, useState } from 'react';

/** So long after the last key the server is asked. */
const REST_MS = 250;

/** What was typed, once nothing more is. */
export function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
