/** What read-tls-client-hello, an implementation by others, says of the same bytes. */
import { Readable } from 'node:stream'
import { calculateJa3, calculateJa4, readTlsClientHello } from 'read-tls-client-hello'
import { describe, expect, it } from 'vitest'
import { ja3, ja4, parseClientHello } from '../../../src/lib/tls/index.ts'
import { capturedHellos } from '../hello/captured.ts'

const captured = capturedHellos()

/** A socket would stay open behind the hello, too. */
function stream(bytes: Uint8Array): Readable {
  const readable = new Readable({ read: () => {} })
  readable.push(bytes)
  return readable
}

describe.runIf(captured.length > 0)('a second opinion', () => {
  it('names every captured hello as we do', async () => {
    expect(captured.length).toBeGreaterThan(30)
    for (const { name, bytes, body } of captured) {
      const theirs = await readTlsClientHello(stream(bytes))
      const hello = parseClientHello(body)
      expect({ name, ja3: ja3(hello).hash, ja4: ja4(hello, 'tcp').ja4 }).toEqual({
        name,
        ja3: calculateJa3(theirs),
        ja4: calculateJa4(theirs),
      })
    }
  })
})
