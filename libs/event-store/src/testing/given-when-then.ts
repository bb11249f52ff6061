import type { ProblemCode } from '#libs/contracts/src/problems.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Decision, DomainEvent, Fold, Sealed } from '../decision.js';

/**
 * A grammar for the specs of a pure `decide`:
 * `spec.given([…events]).when(command).then([…events], answer)`, or `.thenRefused('wrong-code')`.
 */
export function specFor<State, Event extends DomainEvent, Command, Answer>(
  fold: Pick<Fold<State, Event>, 'initial' | 'evolve'>,
  decide: (command: Command, state: State) => Decision<Event, Answer>,
) {
  /** What happened before; `at` is the time of these events in milliseconds. What nobody looks at need not be sealed. */
  const given = (events: readonly (Event | Sealed<Event>)[], at = 0) => from(fold.initial).and(events, at);

  const from = (state: State) => ({
    /** What happened after that. */
    and: (events: readonly (Event | Sealed<Event>)[], at = 0) =>
      from(events.reduce((folded, event) => fold.evolve(folded, event as Sealed<Event>, at), state)),
    when: (command: Command) => outcomeOf(() => decide(command, state)),
  });

  return { given };
}

function outcomeOf<Event extends DomainEvent, Answer>(decide: () => Decision<Event, Answer>) {
  return {
    /** Exactly these events, in this order, and (where one is given) this answer. */
    then(events: readonly Event[], ...answer: [] | [Answer]): void {
      const decision = decide();
      expect(decision.events).toEqual(events);
      if (answer.length > 0) expect(decision.answer).toEqual(answer[0]);
    },
    /** Refused by throwing, so that nothing is recorded. */
    thenRefused(code: ProblemCode, extras?: Problem['extras']): void {
      const refusal = thrownBy(decide);
      expect(refusal).toBeInstanceOf(Problem);
      expect(refusal).toMatchObject({ code, ...(extras !== undefined && { extras }) });
    },
    /** For what the two above cannot say. */
    decision: decide,
  };
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
