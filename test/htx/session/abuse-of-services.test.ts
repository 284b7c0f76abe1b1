import { describe, expect, it } from 'vitest'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { acceptService } from '../../../src/lib/htx/service/index.ts'
import { StreamPair } from '../../support/stream-pair.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the abuse budget', () => {
  it('does not charge a peer for the RESET that answers our own STOP', async () => {
    const pair = new StreamPair()
    // A target that breaks at once: our side aborts every stream of an honest client.
    pair.server.onStream((stream) => stream.abort(CODE.CANCELLED))
    for (let i = 0; i < 300; i++) {
      const stream = pair.client.openStream()
      stream.on('error', () => {})
      stream.write('request')
      for (let waited = 0; waited < 4; waited++) await turn()
    }
    expect(pair.server.isOpen).toBe(true)
    expect(pair.client.isOpen).toBe(true)
  })

  it('charges a peer for streams that begin with no service header', async () => {
    const pair = new StreamPair()
    pair.server.onStream((stream) => {
      void acceptService(stream, pair.server, { clock: pair.clock, services: {} })
    })
    for (let i = 0; i < 300 && pair.client.isOpen; i++) {
      const stream = pair.client.openStream()
      stream.on('error', () => {})
      stream.write(Uint8Array.of(0))
      for (let waited = 0; waited < 6; waited++) await turn()
    }
    await turn()
    expect(pair.client.isOpen).toBe(false)
  })
})
