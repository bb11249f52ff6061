import { useState } from 'react';

type Kept<Now> = { [Name in keyof Now]?: { was: Now[Name]; value: Now[Name] } };

/**
 * What a form shows of something that others change too: each field as it is now, but as the person has it from when they
 * are in it or have changed it until it is saved or undone. So nothing that is being typed is replaced.
 */
export function useDraft<Now extends object>(now: Now) {
  type Name = string & keyof Now;
  const [kept, setKept] = useState<Kept<Now>>({});
  const names = Object.keys(kept) as Name[];
  const value = { ...now };
  for (const name of names) value[name] = kept[name]!.value;

  const keep = (name: Name, next: Now[Name]) =>
    setKept((before) => ({ ...before, [name]: { was: (before[name] ?? { was: now[name] }).was, value: next } }));
  const letGo = (name: Name) =>
    setKept((before) => {
      const { [name]: own, ...others } = before;
      return own && own.value !== own.was ? before : (others as Kept<Now>);
    });
  const set = (change: Partial<Now>) => {
    for (const [name, next] of Object.entries(differing(value, change))) keep(name as Name, next as Now[Name]);
  };

  return {
    value,
    set,
    /** For a field that is typed in. */
    field: <Of extends Name>(name: Of) => ({
      name,
      value: value[name],
      onChange: (next: Now[Of]) => set({ [name]: next } as unknown as Partial<Now>),
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

/** The members of `next` that are not as they are in `now`. */
export const differing = <Now extends object>(now: Now, next: Partial<Now>): Partial<Now> =>
  Object.fromEntries(Object.entries(next).filter(([name, value]) => now[name as keyof Now] !== value)) as Partial<Now>;
