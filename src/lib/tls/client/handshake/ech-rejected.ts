/** A server that did not use the encrypted hello (RFC 9849 section 6.1.6). */
import { ALERT, TlsError } from '../../alert.ts'
import type { ListedConfig } from '../../ech/ech-config.ts'

/**
 * Whether a name stayed hidden is decided: it did. The server has proved to be that of the public name, so what it says about
 * its configurations can be believed; for anything else it is not the server that was asked for.
 */
export class EchRejectedError extends TlsError {
  readonly publicName: string
  /** What the server asks to be tried in their place, once; empty when it has none. */
  readonly retryConfigs: readonly ListedConfig[]

  constructor(publicName: string, retryConfigs: readonly ListedConfig[]) {
    const has = retryConfigs.length > 0
    super(ALERT.echRequired, `the server of ${publicName} does not know the ECH configuration`, {
      code: 'E_ECH_REJECTED',
      hint: has
        ? 'It gave newer ones: connect again with them.'
        : 'It gave no newer one: ECH may be switched off there. Without it the name would be sent in the open.',
    })
    this.name = 'EchRejectedError'
    this.publicName = publicName
    this.retryConfigs = retryConfigs
  }
}
