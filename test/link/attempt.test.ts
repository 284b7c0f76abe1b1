import { describe, expect, it } from 'vitest'
import { attempt } from '../../src/lib/link/attempt.ts'
import { type Link, memoryPair } from '../../src/lib/link/index.ts'
import { failure } from './compliance.ts'
import { Recorder } from './recorder.ts'

describe('a dial attempt', () => {
  it('answers at once when it is given up, and aborts a link that comes after all', async () => {
    const [late, other] = memoryPair()
    const peer = Recorder.attach(other)
    const slow = Promise.withResolvers<Link>()
    const controller = new AbortController()
    const dialling = failure(attempt('dialling x:1', { signal: controller.signal }, () => slow.promise))
    controller.abort()
    expect((await dialling).code).toBe('E_ABORTED')
    slow.resolve(late)
    await peer.untilClose()
    expect(peer.closeCode).toBe('E_LINK_LOST')
  })

  it('answers at its deadline although the work goes on', async () => {
    const error = await failure(attempt('dialling x:1', { timeoutMs: 20 }, () => new Promise(() => {})))
    expect(error.code).toBe('E_TIMEOUT')
    expect(error.message).toBe('dialling x:1 took longer than 20 ms')
  })

  it('leaves no listener on the signal', async () => {
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    const [link] = memoryPair()
    await attempt('dialling x:1', { signal }, async () => link)
    expect(listeners).toBe(0)
  })

  it('passes the failure of the work on', async () => {
    const error = await failure(
      attempt('dialling x:1', {}, async () => {
        throw await failure(attempt('inner', { signal: AbortSignal.abort() }, () => new Promise(() => {})))
      }),
    )
    expect(error.message).toBe('inner was aborted')
  })
})
