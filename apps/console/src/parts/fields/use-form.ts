import { useRef, useState } from 'react';
import { codeOf } from '../../api/problem.js';
import { type FieldOf, useRefusal } from '../../language/use-sentences.js';

/** What is sent as proof: the code of the app, or one of the backup codes. */
export type TypedCode = { code: string } | { backupCode: string };

interface Options<Typed> {
  /** Where its refusals are worded: `problem.<place>.<code>` before `problem.<code>`. */
  place: string;
  /** The field beside which a refusal is shown, by its code. A constant. */
  fieldOf?: FieldOf;
  /** What the fields hold at first. */
  empty?: Typed;
  /** @throws what the form shows */
  send: (typed: Typed) => Promise<unknown>;
}

const nowhere: FieldOf = {};

/** The fields of a form, and its sending: what the server refuses is shown in the form. */
export function useForm<Typed extends object = object>({
  place,
  fieldOf = nowhere,
  empty = {} as Typed,
  send,
}: Options<Typed>) {
  const [typed, setTyped] = useState(empty);
  const [busy, setBusy] = useState(false);
  const underWay = useRef(false);
  const refusal = useRefusal(place, fieldOf);
  const set = (change: Partial<Typed>) => setTyped((before) => ({ ...before, ...change }));

  /** One at a time: a second press of Enter, or the sixth digit of a code and a press, are one sending. */
  async function submit(): Promise<void> {
    if (underWay.current) return;
    underWay.current = true;
    setBusy(true);
    refusal.clear();
    try {
      await send(typed);
    } catch (error) {
      if (codeOf(error) === 'wrong-code') setTyped(withoutCode);
      refusal.show(error);
    }
    setBusy(false);
    underWay.current = false;
  }

  return {
    typed,
    set,
    reset: () => setTyped(empty),
    /** For a field of text. */
    field: <Name extends string & keyof Typed>(name: Name) => ({
      name,
      value: typed[name],
      onChange: (value: Typed[Name]) => set({ [name]: value } as unknown as Partial<Typed>),
    }),
    busy,
    refusal,
    submit,
  };
}

export type FormState<Typed extends object = object> = ReturnType<typeof useForm<Typed>>;

/** What is typed after a wrong code is not the rest of it. */
const withoutCode = <Typed extends object>(typed: Typed): Typed =>
  'code' in typed ? { ...typed, code: 'code' in (typed.code as TypedCode) ? { code: '' } : { backupCode: '' } } : typed;
