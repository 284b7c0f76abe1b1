import { describe, expect, it } from 'vitest'
import { aiv } from '../../support/aiv.ts'

describe('aiv utls bench', () => {
  it('answers in the one shape of all benchmarks', async () => {
    const args = ['--only', 'fingerprint.pcap,fingerprint.memory', '--runs', '2', '--bytes', '2MB', '--json']
    const { code, stdout, stderr } = await aiv(['utls', 'bench', ...args], { timeoutMs: 60_000 })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const document = JSON.parse(stdout) as { results: object[] }
    expect(document).toMatchObject({ v: 1, bench: 'utls', node: process.version, captureBytes: 2_000_000 })
    expect(document.results).toMatchObject([
      { name: 'fingerprint.pcap', unit: 'MB/s', runs: 2 },
      { name: 'fingerprint.memory', unit: 'MB', runs: 1 },
    ])
    for (const result of document.results)
      for (const field of ['value', 'p50', 'p95', 'p99'])
        expect(result).toHaveProperty(field, expect.any(Number))
  })

  it('prints one line for each result', async () => {
    const { code, stdout } = await aiv(['utls', 'bench', '--only', 'hello.build', '--runs', '1'], {
      timeoutMs: 60_000,
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^hello\.build +[\d.]+ ms +p50 [\d.]+ {2}p95 [\d.]+ {2}p99 [\d.]+ {2}runs 1$/m)
  })

  it('refuses names that do not exist, and captures too small to measure or too large to hold', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await aiv(['utls', 'bench', ...args])
      expect(code).toBe(2)
      return stderr
    }
    expect(await refused('--only', 'handshake')).toContain('there is no measurement handshake')
    expect(await refused('--bytes', '10')).toContain('1MB to 1GB')
    expect(await refused('--bytes', '2GB')).toContain('1MB to 1GB')
    expect(await refused('--runs', '0')).toContain('runs')
  })
})
