/** How long a browser's hello takes, its fresh key shares included. */
import { AivError } from '../../core/index.ts'
import { HelloBuilder } from '../browser/build/build-hello.ts'
import { ja3 } from '../fingerprint/ja3.ts'
import { ja4 } from '../fingerprint/ja4.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { parseClientHello } from '../hello/client-hello.ts'
import { BUILDS, BUILDS_WARM_UP } from './constants.ts'
import type { Measurement } from './measurement.ts'
import { SAMPLE_HOST, SAMPLE_JA4, sampleTemplate } from './sample-hellos.ts'

export const helloBuild: Measurement = {
  name: 'hello.build',
  unit: 'ms',
  processes: 1,
  quote: 'p50',
  async start({ clock }) {
    const builder = new HelloBuilder(sampleTemplate())
    for (let count = 0; count < BUILDS_WARM_UP; count++) builder.build({ host: SAMPLE_HOST })
    return async () => {
      const times: number[] = []
      const messages: Uint8Array[] = []
      for (let count = 0; count < BUILDS; count++) {
        const startedAt = clock.now()
        const { message } = builder.build({ host: SAMPLE_HOST })
        times.push(clock.now() - startedAt)
        messages.push(message)
      }
      checkAll(messages)
      return { values: times }
    }
  },
}

/** All are Chrome's, and no two are one. */
function checkAll(messages: readonly Uint8Array[]): void {
  const seen = new Set<string>()
  for (const message of messages) {
    const hello = parseClientHello(message.subarray(HANDSHAKE_HEADER_BYTES))
    const print = ja4(hello, 'tcp').ja4
    if (print !== SAMPLE_JA4)
      throw new AivError('E_INTERNAL', `a hello had the fingerprint ${print}, not ${SAMPLE_JA4}`)
    seen.add(`${hello.random} ${ja3(hello).hash}`)
  }
  if (seen.size !== messages.length) throw new AivError('E_INTERNAL', 'a hello was built twice')
}
