import { describe, expect, it } from 'vitest'
import type {
  QuicBinding,
  QuicClient,
  QuicConfig,
  QuicConnection,
} from '../../../src/lib/link/quic/binding.ts'
import { QuicClientPool } from '../../../src/lib/link/quic/client-pool.ts'

/** A library whose attempts end when the test says so; an aborted endpoint keeps its file, as the real one does. */
function fakeLibrary() {
  const attempts: { resolve(): void; reject(): void }[] = []
  const made: { aborted: boolean }[] = []
  class Client implements QuicClient {
    aborted = false
    constructor() {
      made.push(this)
    }
    outboundConnection(): Promise<QuicConnection> {
      if (this.aborted) throw new Error('used after abort')
      const { promise, resolve, reject } = Promise.withResolvers<QuicConnection>()
      attempts.push({
        resolve: () => resolve({} as QuicConnection),
        reject: () => reject(new Error('timed out')),
      })
      return promise
    }
    abort(): void {
      this.aborted = true
      attempts.at(-1)?.reject()
    }
  }
  class QuinnConfig implements QuicConfig {}
  return { binding: { Client, QuinnConfig } as unknown as QuicBinding, attempts, made }
}

const never = new AbortController().signal

describe('the pool of QUIC endpoints', () => {
  it('gives each link an endpoint of its own and uses it again afterwards', async () => {
    const { binding, attempts, made } = fakeLibrary()
    const pool = new QuicClientPool(binding)
    const dials = [1, 2, 3].map((port) => pool.connect('::1', port, 1, {}, never))
    for (const attempt of attempts) attempt.resolve()
    const dialled = await Promise.all(dials)
    expect(made.length).toBe(3)
    for (const { release } of dialled) release()
    const again = [1, 2, 3].map((port) => pool.connect('::1', port, 1, {}, never))
    for (const attempt of attempts) attempt.resolve()
    await Promise.all(again)
    expect(made.length).toBe(3)
    expect(made.filter(({ aborted }) => aborted)).toEqual([])
  })

  it('uses an endpoint again whose attempt failed', async () => {
    const { binding, attempts, made } = fakeLibrary()
    const pool = new QuicClientPool(binding)
    for (let i = 0; i < 5; i++) {
      const dial = pool.connect('::1', 1, 1, {}, never)
      attempts.at(-1)?.reject()
      await expect(dial).rejects.toThrow('timed out')
    }
    expect(made.length).toBe(1)
  })

  it('does not mix address families or settings', async () => {
    const { binding, attempts, made } = fakeLibrary()
    const pool = new QuicClientPool(binding)
    for (const [family, idleTimeoutMs] of [
      [0, 1000],
      [1, 1000],
      [0, 2000],
    ] as const) {
      const dial = pool.connect('::1', 1, family, { idleTimeoutMs }, never)
      attempts.at(-1)?.resolve()
      const { release } = await dial
      release()
    }
    expect(made.length).toBe(3)
  })

  it('aborts only so many endpoints for cancelled attempts, since each keeps a file; the rest serve again', async () => {
    const { binding, attempts, made } = fakeLibrary()
    const pool = new QuicClientPool(binding)
    const cancelOne = (): Promise<unknown> => {
      const controller = new AbortController()
      const dial = pool.connect('::1', 1, 1, {}, controller.signal).catch(() => {})
      controller.abort()
      return dial
    }
    const dials = Array.from({ length: 100 }, cancelOne)
    expect(made.filter(({ aborted }) => aborted).length).toBe(64)
    for (const attempt of attempts) attempt.reject()
    await Promise.all(dials)
    for (let i = 0; i < 200; i++) {
      const dial = cancelOne()
      attempts.at(-1)?.reject()
      await dial
    }
    expect(made.length).toBe(100)
    expect(made.filter(({ aborted }) => aborted).length).toBe(64)
  })
})
