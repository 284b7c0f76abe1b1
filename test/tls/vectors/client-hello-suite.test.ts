import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { conformancePath } from '../../support/conformance.ts'
import { capturedHellos } from '../hello/captured.ts'
import { judged, vectorFile } from './workplace.ts'

const captured = capturedHellos()
const FOLDER = conformancePath('utls')

describe.runIf(captured.length > 0)('the clienthello vector suite', () => {
  it('passes every captured hello of a client, also two of them in one connection', async () => {
    expect(captured.length).toBeGreaterThan(30)
    for (const { name } of captured) {
      const result = await judged('clienthello', join(FOLDER as string, name))
      const hellos = name.endsWith('full-hrr-1.c2s.bin') ? 2 : 1
      expect(result, name).toMatchObject({ passed: 2 * hellos + 1, failed: 0, skipped: 0 })
    }
  })

  it('passes every hello in the captures: TCP, QUIC and DTLS', async () => {
    const folder = join(FOLDER as string, 'ja4-foxio', 'pcap')
    for (const name of readdirSync(folder)) {
      const result = await judged('clienthello', join(folder, name))
      expect(result, name).toMatchObject({ failed: 0, skipped: 0 })
      expect(result.passed, name).toBeGreaterThan(1)
    }
  })

  it('skips what a server sent, and fails what is no hello', async () => {
    const server = join(FOLDER as string, 'chromium', 'chromium-156-full-h2-1.s2c.bin')
    expect(await judged('clienthello', server)).toMatchObject({ passed: 0, failed: 0, skipped: 1 })
    const configs = join(FOLDER as string, 'chromium-ech', 'ech-configlist.bin')
    expect(await judged('clienthello', configs)).toMatchObject({
      passed: 0,
      failures: [{ id: 'file', reason: 'the input holds no hello' }],
    })
  })

  it('fails when any length in a hello is another one', async () => {
    const { bytes } = captured.find(({ name }) =>
      name.endsWith('ossl-1.c2s.bin'),
    ) as (typeof captured)[number]
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    // Record, message, session id, cipher suites, compression methods, extensions: where their lengths end.
    const sessionEnd = 44 + bytes[43]!
    const ciphersEnd = sessionEnd + 2 + view.getUint16(sessionEnd)
    const places = [4, 8, 43, sessionEnd + 1, ciphersEnd, ciphersEnd + 1 + bytes[ciphersEnd]! + 1]
    for (const at of places) {
      for (const step of [-2, 2]) {
        const changed = bytes.slice()
        changed[at] = (changed[at] as number) + step
        const { passed, failed, failures } = await judged('clienthello', vectorFile(changed))
        expect({ at, step, failed }).toEqual({ at, step, failed: expect.toSatisfy((n: number) => n > 0) })
        expect(passed).toBe(0)
        expect(failures[0]?.reason).not.toBe('')
      }
    }
  })

  it('fails a hello that is cut', async () => {
    const { bytes } = captured[0] as (typeof captured)[number]
    expect(await judged('clienthello', vectorFile(bytes.subarray(0, -1)))).toMatchObject({
      passed: 0,
      failed: 1,
    })
    expect(readFileSync(vectorFile(bytes))).toHaveLength(bytes.length)
  })
})
