/** A listener under what systemd brings for tests: the machine that runs them need not be run by it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { aiv, cleanEnvironment, EXECUTABLE, temporaryFolder } from '../support/aiv.ts'
import { judge } from '../support/judge.ts'

const TIME_MS = 30_000

function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIME_MS })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

function linesOf(child: ChildProcess): AsyncIterator<string> {
  return createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { done, value } = await lines.next()
  if (done === true) throw new Error('the program ended')
  return value as string
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const activate = judge('systemd-socket-activate')

describe('socket activation', () => {
  it.runIf(activate !== undefined).each(['tcp', 'ws'])(
    'gives the listener its %s socket, and its children nothing of it',
    async (link) => {
      const folder = temporaryFolder()
      const [port, key] = [await freePort(), join(folder, 'key.json')]
      const env = cleanEnvironment(join(folder, 'home'))
      const { stdout } = await aiv(['key', 'new', '--out', key, '--json'], { env })
      const { peer } = JSON.parse(stdout) as { readonly peer: string }
      const { noise_public: x } = JSON.parse((await aiv(['key', 'show', key, '--json'])).stdout) as {
        readonly noise_public: string
      }
      const child = start(
        activate as string,
        [
          `--listen=127.0.0.1:${port}`,
          '--fdname=htx',
          ...Object.keys(env).map((name) => `--setenv=${name}`),
          ...[process.execPath, EXECUTABLE, 'htx', 'listen', `htx+${link}://127.0.0.1:${port}`],
          ...['--key', key, '--socket', 'htx', '--json'],
          ...['--exec', 'env | grep -c -E "LISTEN_|NOTIFY_|WATCHDOG_"; readlink /proc/self/fd/3; exit 0'],
        ],
        env,
      )
      const stderr = createInterface({ input: child.stderr as NodeJS.ReadableStream })[Symbol.asyncIterator]()
      expect(await nextLine(stderr)).toContain(`127.0.0.1:${port}`)
      // The first connection starts the listener, and is the first that it serves.
      const address = `htx+${link}://${peer}@127.0.0.1:${port}?x=${encoded(x)}`
      const [client, ready] = await Promise.all([
        aiv(['htx', 'connect', address], { env: cleanEnvironment(join(folder, 'client')) }),
        nextLine(linesOf(child)),
      ])
      expect(JSON.parse(ready)).toMatchObject({ event: 'ready', address })
      expect([client.code, client.stdout]).toEqual([0, expect.stringMatching(/^0\n(?!.*socket:)/s)])
    },
  )
})

/** Prints each datagram that comes, its lines joined. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().strip().replace('\\n', ' '), flush=True)
`
const python = judge('python3')
const notify = judge('systemd-notify')

describe('notification', () => {
  it.runIf(python !== undefined && notify !== undefined)(
    'says when the listener is ready, that it lives, reads its lists again, and stops',
    async () => {
      const folder = temporaryFolder()
      const path = join(folder, 'notify')
      const env = cleanEnvironment(join(folder, 'home'))
      const receiver = linesOf(start(python as string, ['-c', RECEIVER, path], env))
      const heard = async (wanted: RegExp): Promise<string> => {
        for (;;) {
          const line = await nextLine(receiver)
          if (wanted.test(line)) return line
        }
      }
      await heard(/^bound$/)
      const allow = join(folder, 'allow')
      writeFileSync(allow, '*\n')
      const listener = start(
        process.execPath,
        [EXECUTABLE, 'htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--allow-file', allow],
        {
          ...env,
          NOTIFY_SOCKET: path,
          WATCHDOG_USEC: '300000',
        },
      )
      expect(await heard(/READY=1/)).toMatch(/READY=1 STATUS=listening, peer ciq/)
      await heard(/^WATCHDOG=1$/)
      await heard(/^WATCHDOG=1$/)
      listener.kill('SIGHUP')
      await heard(/^RELOADING=1$/)
      await heard(/^READY=1$/)
      listener.kill('SIGTERM')
      await heard(/^STOPPING=1$/)
    },
  )

  it('that cannot be sent is said once and does not stop the listener', async () => {
    const folder = temporaryFolder()
    const env = {
      ...cleanEnvironment(join(folder, 'home')),
      NOTIFY_SOCKET: join(folder, 'nobody'),
      WATCHDOG_USEC: '50000',
    }
    const child = start(
      process.execPath,
      [EXECUTABLE, 'htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json'],
      env,
    )
    const lines = linesOf(child)
    expect(JSON.parse(await nextLine(lines))).toMatchObject({ event: 'ready' })
    expect(JSON.parse(await nextLine(lines))).toMatchObject({ event: 'systemd-unavailable' })
    child.kill('SIGTERM')
    expect(await lines.next()).toMatchObject({ done: true })
  })
})

const analyze = judge('systemd-analyze')

describe('the units that are printed', () => {
  it.runIf(analyze !== undefined).each(['htx+tcp://0.0.0.0:4433', 'htx+quic://0.0.0.0:4433'])(
    'for %s are right and exposed little, as systemd judges',
    async (address) => {
      const { stdout } = await aiv([
        'htx',
        'listen',
        address,
        '--forward',
        '127.0.0.1:22',
        '--systemd',
        '--json',
      ])
      const { units } = JSON.parse(stdout) as {
        readonly units: readonly { readonly name: string; readonly content: string }[]
      }
      const folder = temporaryFolder()
      const paths = units.map(({ name, content }) => {
        writeFileSync(join(folder, name), content)
        return join(folder, name)
      })
      const run = (...args: string[]) =>
        spawnSync(analyze as string, args, {
          encoding: 'utf8',
          timeout: TIME_MS,
          env: { ...process.env, SYSTEMD_COLORS: '0' },
        })
      const verified = run('verify', ...paths)
      expect([verified.status, verified.stdout + verified.stderr]).toEqual([0, ''])
      // 0 is no exposure, 10 is a service without any bounds; systemd calls what is below 2.0 OK.
      const secured = run('security', '--offline=true', '--threshold=20', paths.at(-1) as string)
      expect([secured.status, secured.stdout]).toEqual([0, expect.stringContaining('OK')])
    },
  )
})

/** A key as addresses write it: RFC 4648 base32, lower case, without padding. */
function encoded(hex: string): string {
  const bits = [...Buffer.from(hex, 'hex')].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}
