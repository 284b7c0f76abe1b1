/** A simulated mixnet, and attacks on it. One seed gives one result. */
export * from './attacks/blending.ts'
export * from './attacks/correlation.ts'
export * from './attacks/disclosure.ts'
export * from './model.ts'
export * from './parameters.ts'
export * from './simulate.ts'
export * from './summary.ts'
