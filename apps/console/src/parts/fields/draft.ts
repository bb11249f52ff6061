import { useState } from 'react';

type Kept<Now> = { [Name in keyof Now]?: { was: Now[Name]; value: Now[Name] } };

/**
 * What a form shows of something that others change too: each field as it is now, but as the person has it from when they
 * are in it or have changed it until it is saved or undone. So nothing that is being typed is replaced.
 */
export function useDraft<Now extends object>(now: Now) {
  const [kept, setKept] = useState<Kept<Now>>({});
  const names = Object.keys(kept) as (keyof Now)[];
  const value = { ...now };
  for (const name of names) value[name] = kept[name]!.value;

  const keep = (name: keyof Now, next: Now[keyof Now]) =>
    setKept((before) => ({ ...before, [name]: { was: (before[name] ?? { was: now[name] }).was, value: next } }));
  const letGo = (name: keyof Now) =>
    setKept((before) => {
      const { [name]: own, ...others } = before;
      return own && own.value !== own.was ? before : (others as Kept<Now>);
    });

  return {
    value,
    set: (change: Partial<Now>) => {
      for (const name of Object.keys(change) as (keyof Now)[]) {
        if (change[name] !== value[name]) keep(name, change[name] as Now[keyof Now]);
      }
    },
    /** For a field that is typed in. */
    typing: (name: keyof Now) => ({
      onFocusChange: (isIn: boolean) => (isIn ? keep(name, value[name]) : letGo(name)),
    }),
    /** Of what the person has changed, what somebody else has changed meanwhile to something else. */
    conflicts: names.filter((name) => {
      const { was, value: own } = kept[name]!;
      return own !== was && now[name] !== was && now[name] !== own;
    }),
    undo: () => setKept({}),
  };
}
