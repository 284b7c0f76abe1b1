/** Vector suites of the primitives. */
export { aezSuite } from './aez.ts'
export { vrfSuite } from './vrf.ts'
