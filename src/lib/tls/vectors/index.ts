/** The suites of `aiv lint vectors` for fingerprints and for the messages that they are of. */
export { clientHelloSuite } from './client-hello-suite.ts'
export { echSuite } from './ech-suite.ts'
export { ja3Suite } from './ja3-suite.ts'
export { ja4Suite } from './ja4-suite.ts'
export { tls13Suite } from './tls13-suite.ts'
