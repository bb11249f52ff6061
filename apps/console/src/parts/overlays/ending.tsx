import { type ReactNode, useState } from 'react';
import { Button } from '../button.js';
import { useAction } from './action.js';
import { Confirm } from './dialog.js';
import { tell } from './toast.js';

interface Props<Item> {
  idOf: (item: Item) => string;
  /** @throws what is told instead */
  end: (item: Item) => Promise<unknown>;
  onDone: () => Promise<void>;
  words: {
    end: string;
    endOne: (name: string) => string;
    ask: (name: string) => string;
    what: string;
    ended: (name: string) => string;
  };
  /** What has the button of each. */
  children: (buttonOf: (item: Item) => ReactNode) => ReactNode;
}

/** A list of things that can be ended for good, each after a question. */
export function Ending<Item extends { name: string }>({ idOf, end, onDone, words, children }: Props<Item>) {
  const [asked, setAsked] = useState<Item | null>(null);
  const { running, run } = useAction(onDone);
  const buttonOf = (item: Item) => (
    <Button
      aria-label={words.endOne(item.name)}
      busy={running === idOf(item)}
      idle={running !== null}
      onPress={() => setAsked(item)}
    >
      {words.end}
    </Button>
  );
  const endIt = (item: Item) =>
    run(idOf(item), async () => {
      await end(item);
      tell(words.ended(item.name));
    });
  return (
    <>
      {children(buttonOf)}
      {asked && (
        <Confirm
          isOpen
          title={words.ask(asked.name)}
          confirm={words.end}
          onClose={() => setAsked(null)}
          onConfirm={() => endIt(asked)}
        >
          <p>{words.what}</p>
        </Confirm>
      )}
    </>
  );
}
