/** Randomness that several authorities make together and none of them chooses. */
export { RandomRound, type RandomRoundOptions } from './round.ts'
