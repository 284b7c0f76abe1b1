/** Both providers, for tests that hold each of them to the same judge. */
import { type CryptoProvider, loadNobleProvider, nodeProvider } from '../../src/lib/crypto/index.ts'

export const nobleProvider: CryptoProvider = await loadNobleProvider()
export const providers: readonly CryptoProvider[] = [nodeProvider, nobleProvider]
