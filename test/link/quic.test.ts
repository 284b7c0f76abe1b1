import { readdirSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dialQuic, listenQuic } from '../../src/lib/link/quic.ts'
import { testLinkCompliance } from './compliance.ts'
import { dial, listen } from './quic/ends.ts'
import { Recorder } from './recorder.ts'
import { runChild } from './run-child.ts'

testLinkCompliance({
  name: 'quic',
  kind: 'quic',
  listen: ({ port = 0, ...options }) =>
    listenQuic({
      host: '127.0.0.1',
      port,
      idleTimeoutMs: 3000,
      // All come from this machine, and 200 of them at once.
      streamlessLimits: { total: 256, perPrefix: 256 },
      ...options,
    }),
  dial: ({ host, port }, options) => dialQuic(host, port, options),
  dialerSpeaksFirst: true,
  closedPort: ['E_TIMEOUT', 'E_UNREACHABLE'],
  transportHolds: 8 * 1024 * 1024,
  freesPortAtOnce: false,
  crossesProcesses: true,
})

describe('dialling over quic again and again', () => {
  const openFiles = (): number => readdirSync('/proc/self/fd').length

  it('uses the same sockets', async () => {
    const listener = await listen((link) => {
      const acceptor = Recorder.attach(link)
      acceptor.onEnd = () => link.end()
    })
    const dialOnce = async (): Promise<void> => {
      const dialler = await dial(listener)
      dialler.call(() => dialler.link.end())
      await dialler.untilClose()
    }
    await dialOnce()
    const before = openFiles()
    for (let i = 0; i < 10; i++) await dialOnce()
    expect(openFiles()).toBeLessThanOrEqual(before)
  })
})

describe('a machine without the QUIC library', () => {
  it('is told what to install, and only when it uses QUIC', async () => {
    const child = await runChild('without-quic.ts')
    onTestFinished(() => void child.process.kill('SIGKILL'))
    expect(await child.line()).toBe('tcp works')
    expect(await child.line()).toMatch(
      /^E_DEPENDENCY_MISSING: .* not installed .* npm install @chainsafe\/libp2p-quic\S*@2\.1\.1/,
    )
  })
})
