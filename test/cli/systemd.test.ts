import { describe, expect, it } from 'vitest'
import { ServiceManager, takeSocket } from '../../src/lib/cli/htx/operations/systemd.ts'
import { systemdUnits } from '../../src/lib/cli/htx/operations/systemd-units.ts'

const passed = (count: number, names?: string): Record<string, string | undefined> => ({
  LISTEN_PID: '42',
  LISTEN_FDS: String(count),
  ...(names === undefined ? {} : { LISTEN_FDNAMES: names }),
})

describe('a socket that systemd passes on', () => {
  it('is the first descriptor behind the standard ones, or the one with the name', () => {
    expect(takeSocket(passed(1), 42, undefined)).toBe(3)
    expect(takeSocket(passed(3, 'web:htx:htx-ws'), 42, 'htx')).toBe(4)
    expect(takeSocket(passed(3, 'web:htx:htx-ws'), 42, 'htx-ws')).toBe(5)
  })

  it('for another process is not ours', () => {
    expect(takeSocket(passed(1), 43, undefined)).toBeUndefined()
    expect(takeSocket({}, 42, undefined)).toBeUndefined()
    expect(takeSocket({ ...passed(1), LISTEN_FDS: '-1' }, 42, undefined)).toBeUndefined()
  })

  it('is not guessed where there are several, or none of the name', () => {
    const usage = expect.objectContaining({ code: 'E_USAGE' })
    expect(() => takeSocket(passed(2, 'a:b'), 42, undefined)).toThrow(usage)
    expect(() => takeSocket(passed(2, 'a:b'), 42, 'c')).toThrow(usage)
    expect(() => takeSocket(passed(1, 'a:b'), 42, 'b')).toThrow(usage)
    expect(() => takeSocket({}, 42, 'htx')).toThrow(usage)
  })

  it('and whom to notify, are not for children to see', () => {
    const env = {
      ...passed(1, 'htx'),
      NOTIFY_SOCKET: '/run/notify',
      WATCHDOG_USEC: '1',
      WATCHDOG_PID: '42',
      HOME: '/',
    }
    takeSocket(env, 42, undefined)
    ServiceManager.take(env, 42, () => {})
    expect(env).toEqual({ HOME: '/' })
  })
})

describe('units', () => {
  const execStart = (...argv: string[]): string | undefined =>
    /^ExecStart=.* htx listen (.*)$/m.exec(
      systemdUnits('htx+tcp://0.0.0.0:1', argv).at(-1)?.content ?? '',
    )?.[1]

  it('run the command line, with the key in the folder of the service', () => {
    expect(execStart('htx+tcp://0.0.0.0:1', '--key', 'a b.json', '--echo', '--systemd')).toBe(
      'htx+tcp://0.0.0.0:1 --echo --key %S/aiv-htx/identity.json',
    )
    expect(execStart('a', '--key=b')).toBe('a --key %S/aiv-htx/identity.json')
  })

  it('expand nothing that the words contain', () => {
    expect(execStart('--exec', 'echo "$HOME" 100%; a\\b\nExecStart=/bin/evil')).toMatch(
      /^--exec "echo \\"\$\$HOME\\" 100%%; a\\\\b\\nExecStart=\/bin\/evil" --key /,
    )
  })

  it('have a socket where systemd can bind it', () => {
    const names = (address: string): readonly string[] => systemdUnits(address, []).map(({ name }) => name)
    expect(names('htx+ws://[::]:80')).toEqual(['aiv-htx.socket', 'aiv-htx.service'])
    expect(names('htx+quic://[::]:443')).toEqual(['aiv-htx.service'])
  })
})
