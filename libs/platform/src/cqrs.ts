import { Command, Query } from '@nestjs/cqrs';

/** A command or a query of @nestjs/cqrs with its input as one object: `class Unlock extends CommandOf<{ … }, Answer> {}`. */
export abstract class CommandOf<Input extends object, Answer> extends Command<Answer> {
  constructor(readonly input: Input) {
    super();
  }
}

export abstract class QueryOf<Input extends object, Answer> extends Query<Answer> {
  constructor(readonly input: Input) {
    super();
  }
}
