/** Vector suites of the primitives. */
export { vrfSuite } from './vrf.ts'
