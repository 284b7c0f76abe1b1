import { describe, expect, it } from 'vitest'
import { aiv } from '../../support/aiv.ts'

describe('aiv htx bench', () => {
  it('answers in the one shape of all benchmarks', async () => {
    const args = ['--only', 'stream.tcp,nodetls.chacha20', '--runs', '1', '--bytes', '2MiB', '--json']
    const { code, stdout, stderr } = await aiv(['htx', 'bench', ...args], { timeoutMs: 60_000 })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const document = JSON.parse(stdout) as { results: object[] }
    expect(document).toMatchObject({ v: 1, bench: 'htx', node: process.version })
    expect(document.results).toHaveLength(3)
    for (const result of document.results) {
      expect(result).toMatchObject({
        name: expect.stringMatching(/^(stream\.tcp|nodetls\.chacha20|ratio\.nodetls)$/),
        value: expect.any(Number),
        unit: expect.stringMatching(/^(MB\/s|ratio)$/),
        p50: expect.any(Number),
        p95: expect.any(Number),
        p99: expect.any(Number),
        runs: 1,
      })
    }
  })

  it('prints one line for each result', async () => {
    const { code, stdout } = await aiv(
      ['htx', 'bench', '--only', 'ping.tcp', '--runs', '1', '--duration', '100ms'],
      { timeoutMs: 60_000 },
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ping\.tcp +[\d.]+ ms +p50 [\d.]+ {2}p95 [\d.]+ {2}p99 [\d.]+ {2}runs 1$/m)
    expect(stdout).toContain('handshakesPerPrefix')
  })

  it('refuses names that do not exist and runs too short to measure', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await aiv(['htx', 'bench', ...args])
      expect(code).toBe(2)
      return stderr
    }
    expect(await refused('--only', 'stream.udp')).toContain('there is no measurement stream.udp')
    expect(await refused('--duration', '5ms')).toContain('measures nothing')
    expect(await refused('--bytes', '10')).toContain('measures nothing')
    expect(await refused('--link', 'udp')).toContain('udp')
    expect(await refused('--bytes', '1MiB', '--duration', '1s')).toContain('--bytes')
  })
})
