export { BrokenChainError, type ChainFault, hashOf } from './chain.js';
export { follow, type FollowOptions, type Handle, type Positions } from './follow.js';
export { overHttp, type HttpSourceOptions } from './http.js';
export { overKafka, type KafkaConsumer, type KafkaSourceOptions } from './kafka.js';
export type { OpenEvents } from './open-events.js';
