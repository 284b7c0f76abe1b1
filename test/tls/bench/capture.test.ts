import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inPieces, makeCapture } from '../../../src/lib/tls/bench/reading/capture.ts'
import { readWhole } from '../../../src/lib/tls/bench/reading/work.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { judge } from '../../support/judge.ts'

const never = new AbortController().signal

describe('the capture that is measured', () => {
  const made = makeCapture(5_000_000)

  it('is as long as it was asked for, but for one packet', () => {
    expect(made.bytes.length).toBeLessThanOrEqual(5_000_000)
    expect(made.bytes.length).toBeGreaterThan(5_000_000 - 2_000)
    expect(made.clientHellos).toBeGreaterThan(50)
  })

  it('holds for tshark the packets and hellos that it says, and disorder', (context) => {
    const tshark = judge('tshark')
    if (tshark === undefined) {
      context.skip('no tshark')
      return
    }
    const path = join(temporaryFolder(), 'made.pcap')
    writeFileSync(path, made.bytes)
    const lines = (filter: string): number => {
      const reassembly = ['-o', 'tcp.reassemble_out_of_order:TRUE']
      const fields = ['-T', 'fields', '-e', 'frame.number']
      const { status, stdout } = spawnSync(tshark, [...reassembly, '-r', path, '-Y', filter, ...fields], {
        encoding: 'utf8',
        timeout: 60_000,
        maxBuffer: 64 * 1024 * 1024,
      })
      expect(status).toBe(0)
      return stdout.split('\n').filter((line) => line !== '').length
    }
    expect(lines('frame')).toBe(made.packets)
    expect(lines('tls.handshake.type == 1')).toBe(made.clientHellos)
    expect(lines('tls.handshake.type == 2')).toBe(made.serverHellos)
    expect(lines('_ws.malformed')).toBe(0)
    expect(lines('tcp.analysis.out_of_order')).toBeGreaterThan(10)
    expect(lines('tcp.analysis.retransmission')).toBeGreaterThan(10)
  }, 120_000)

  it('is another one for another seed, and the same for the same', () => {
    const small = makeCapture(1_000_000).bytes
    expect(makeCapture(1_000_000).bytes).toEqual(small)
    expect(makeCapture(1_000_000, 2).bytes).not.toEqual(small)
  })
})

describe('the work', () => {
  const made = makeCapture(1_000_000)

  it('is believed only when everything was found', async () => {
    await readWhole(inPieces(made.bytes), made, never)
    const short = made.bytes.subarray(0, made.bytes.length - 500_000)
    await expect(readWhole(inPieces(short), made, never)).rejects.toMatchObject({ code: 'E_INTERNAL' })
    const one = { ...made, clientHellos: made.clientHellos + 1 }
    await expect(readWhole(inPieces(made.bytes), one, never)).rejects.toMatchObject({ code: 'E_INTERNAL' })
  })
})
