import * as answers from './answers.js';
import * as browsers from './browsers.js';
import * as challenges from './challenges.js';
import * as commands from './commands.js';
import * as codes from './codes.js';
import * as deletion from './deletion.js';
import * as handOvers from './hand-overs.js';
import * as imports from './imports.js';
import * as locks from './locks.js';
import * as log from './log.js';
import * as policy from './policy.js';
import type { Predicate } from './predicate.js';
import * as proofs from './proofs.js';
import * as reads from './reads.js';
import * as required from './required.js';
import * as rest from './rest.js';
import * as secrecy from './secrecy.js';
import * as services from './services.js';
import * as sessions from './sessions.js';
import * as sso from './sso.js';
import * as streams from './streams.js';

const groups = [
  log,
  answers,
  codes,
  browsers,
  challenges,
  commands,
  policy,
  locks,
  required,
  sessions,
  proofs,
  handOvers,
  reads,
  services,
  deletion,
  imports,
  sso,
  streams,
  rest,
  secrecy,
];

/** All that always holds. */
export const predicates: readonly Predicate[] = groups.flatMap((group) => Object.values(group));
