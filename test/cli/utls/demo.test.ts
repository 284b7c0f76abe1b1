import { describe, expect, it } from 'vitest'
import { RFC9001_CLIENT_HELLO, RFC9001_PACKET } from '../../../src/lib/cli/demo/utls/rfc9001-packet.ts'
import { utlsStep } from '../../../src/lib/cli/demo/utls/step.ts'
import { aiv, temporaryFolder } from '../../support/aiv.ts'
import { quicSamples } from '../../support/quic-initial.ts'

describe('the utls step of the demo', () => {
  it('shows by nine checks that everything is right, in a few seconds and without a network', async () => {
    const { code, stdout, stderr } = await aiv(['demo', '--step', 'utls', '--json'], { timeoutMs: 30_000 })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { passed, failed, steps } = JSON.parse(stdout) as {
      readonly passed: number
      readonly failed: number
      readonly steps: readonly {
        readonly duration_ms: number
        readonly checks: readonly { readonly detail?: string }[]
      }[]
    }
    expect({ passed, failed, steps: steps.length }).toEqual({ passed: 9, failed: 0, steps: 1 })
    expect(steps[0]?.duration_ms).toBeLessThan(10_000)
    // Every check shows what it saw.
    for (const { detail } of steps[0]?.checks ?? []) expect(detail).toMatch(/\S/)
  }, 40_000)

  it('has the packet of the RFC, bit by bit', () => {
    const { packet, frames } = quicSamples(9001).client
    expect(Buffer.from(RFC9001_PACKET).toString('hex')).toBe(packet)
    // Behind type, offset and length of the CRYPTO frame.
    expect(Buffer.from(RFC9001_CLIENT_HELLO).toString('hex')).toBe(frames.slice(8))
  })

  it('stops when it is interrupted', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    const running = utlsStep.run({ folder: temporaryFolder(), signal: controller.signal })
    controller.abort(reason)
    await expect(running).rejects.toThrow()
  })
})
