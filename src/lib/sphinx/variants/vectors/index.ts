/** Vector suites of other formats with the construction of Sphinx. */
export { bolt04Suite } from './bolt04.ts'
export { sphinxmixcryptoSuite } from './sphinxmixcrypto.ts'
