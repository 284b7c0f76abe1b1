/** What a camouflaged connection is opened with. */
import type { RandomSource } from '../../../core/index.ts'
import type { TicketGrant } from '../../ticket/index.ts'
import type { BrowserConnection, BrowserConnectOptions } from './connect-browser.ts'
import type { ServerObservation } from './observation.ts'

/** Keying material of the outer TLS connection. */
export type Exporter = (length: number, label: string, context: Uint8Array) => Uint8Array

export interface CamouflagedDialOptions extends BrowserConnectOptions {
  /** Of the upgrade. */
  readonly path: string
  /** `ws`: a WebSocket at once. `h2`: a page first, then a WebSocket on the same connection where the server lets it. */
  readonly mode: 'ws' | 'h2'
  readonly grant: TicketGrant
  /** Makes the payload of the ticket, once the outer TLS connection stands. */
  readonly ticket: (exporter: Exporter) => Uint8Array
  /**
   * Looks at the server before any ticket leaves; in mode `h2` after its page. It throws to stop. Where mode `h2` needs a
   * second connection, it is called for each.
   */
  readonly inspect?: (observation: ServerObservation) => void | Promise<void>
  readonly random: RandomSource
}

/** TLS has the length last. */
export function exporterOf({ stream }: Pick<BrowserConnection, 'stream'>): Exporter {
  return (length, label, context) => stream.exportKeyingMaterial(label, context, length)
}
