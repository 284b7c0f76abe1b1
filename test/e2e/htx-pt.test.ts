/** The pluggable transport as tor runs it: with the real tor on both sides, on loopback alone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EXECUTABLE, startAiv, temporaryFolder } from '../support/aiv.ts'
import { judge } from '../support/judge.ts'

const MANAGED = { TOR_PT_MANAGED_TRANSPORT_VER: '1', TOR_PT_EXIT_ON_STDIN_CLOSE: '1' }

/** Starts the transport and reads what it tells its parent up to the last line. */
async function startPt(env: Readonly<Record<string, string>>) {
  const running = startAiv(['htx', 'pt', '--json'], { env: { ...MANAGED, ...env } })
  const lines: string[] = []
  for await (const line of createInterface({ input: running.child.stdout })) {
    lines.push(line)
    if (/^[CS]METHODS DONE$|^(?:ENV|VERSION|PROXY)-ERROR/.test(line)) break
  }
  return { ...running, lines }
}

async function startWeb(): Promise<number> {
  const server = createServer((_, response) => response.end('through the bridge'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function startBridge(orPort: number) {
  const state = join(temporaryFolder(), 'state')
  return await startPt({
    TOR_PT_STATE_LOCATION: state,
    TOR_PT_SERVER_TRANSPORTS: 'htx',
    TOR_PT_SERVER_BINDADDR: 'htx-127.0.0.1:0',
    TOR_PT_ORPORT: `127.0.0.1:${orPort}`,
  })
}

/** A SOCKS request for a bridge as tor makes it; resolves when it has been answered and ended. */
async function askBridge(socksPort: number, values: string, place: string): Promise<void> {
  const [host = '', port = ''] = place.split(':')
  const user = Buffer.from(values)
  const socket = connect(socksPort, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(
    Buffer.concat([
      Buffer.of(5, 1, 2, 1, user.length),
      user,
      Buffer.of(1, 0, 5, 1, 0, 1, ...host.split('.').map(Number), Number(port) >> 8, Number(port) & 255),
    ]),
  )
  await once(socket.resume(), 'end')
  socket.end()
}

const curl = judge('curl')

describe('the two ends of the transport', () => {
  it.runIf(curl !== undefined)('carry a request of curl to what stands for the ORPort', async () => {
    const bridge = await startBridge(await startWeb())
    const [, address = '', values = ''] =
      /^SMETHOD htx (127\.0\.0\.1:\d+) ARGS:(\S+)$/.exec(bridge.lines[1] ?? '') ?? []
    expect(bridge.lines).toEqual(['VERSION 1', `SMETHOD htx ${address} ARGS:${values}`, 'SMETHODS DONE'])
    const client = await startPt({
      TOR_PT_STATE_LOCATION: join(temporaryFolder(), 'state'),
      TOR_PT_CLIENT_TRANSPORTS: 'htx,other',
    })
    expect(client.lines).toEqual([
      'VERSION 1',
      'CMETHOD-ERROR other no such transport',
      expect.stringMatching(/^CMETHOD htx socks5 127\.0\.0\.1:\d+$/),
      'CMETHODS DONE',
    ])
    const proxy = client.lines[2]?.split(' ').at(-1) ?? ''
    const [peer, ...rest] = values.split(',')
    const user = `${peer}:;${rest.join(';')}`
    const args = [
      '-sS',
      '--max-time',
      '15',
      '--proxy',
      `socks5://${proxy}`,
      '--proxy-user',
      user,
      `http://${address}/`,
    ]
    expect(await run(curl as string, args)).toBe('through the bridge')

    const told: string[] = []
    for (const { child, result } of [client, bridge]) {
      child.stdin.end()
      const { code, stdout } = await result()
      expect(code).toBe(0)
      told.push(stdout)
    }
    expect(told[0]).toContain(`\nSTATUS TRANSPORT=htx ADDRESS=${address} CONNECT=Success\n`)
    expect(told[1]).toMatch(/\nLOG SEVERITY=notice MESSAGE="[^"]*htx_bridgeline\.txt"\n$/)
  })

  it('tell their parents what failed, in words of their own', async () => {
    const bridge = await startBridge(await freePort())
    const [, address = '', peer = '', x = ''] =
      /^SMETHOD htx (127\.0\.0\.1:\d+) ARGS:(peer=\w+),(x=\w+)/.exec(bridge.lines[1] ?? '') ?? []
    const client = await startPt({
      TOR_PT_STATE_LOCATION: join(temporaryFolder(), 'state'),
      TOR_PT_CLIENT_TRANSPORTS: 'htx',
    })
    const port = Number(client.lines[1]?.split(':').at(-1))
    const dead = `127.0.0.1:${await freePort()}`
    for (const place of [address, dead]) await askBridge(port, `${peer};${x}`, place)
    const told: string[] = []
    for (const { child, result } of [client, bridge]) {
      child.stdin.end()
      told.push((await result()).stdout)
    }
    expect(told[0]?.split('\n').slice(4, -1)).toEqual([
      'LOG SEVERITY=warning MESSAGE="the bridge does not reach its relay (E_SERVICE_REFUSED)"',
      `STATUS TRANSPORT=htx ADDRESS=${address} CONNECT=Failed ERROR=E_SERVICE_REFUSED`,
      'LOG SEVERITY=warning MESSAGE="the bridge cannot be reached (E_UNREACHABLE)"',
      `STATUS TRANSPORT=htx ADDRESS=${dead} CONNECT=Failed ERROR=E_UNREACHABLE`,
    ])
    expect(told[1]).toMatch(
      /\nLOG SEVERITY=warning MESSAGE="a client was turned away because the ORPort [^"]*"\n$/,
    )
  })

  it('keep the identity of the bridge in the state folder, and write down its bridge line', async () => {
    const state = join(temporaryFolder(), 'state')
    const env = {
      TOR_PT_STATE_LOCATION: state,
      TOR_PT_SERVER_TRANSPORTS: 'htx',
      TOR_PT_ORPORT: '127.0.0.1:1',
    }
    const identities: (string | undefined)[] = []
    for (let run = 0; run < 2; run++) {
      const bridge = await startPt(env)
      identities.push(/peer=\w+,x=\w+/.exec(bridge.lines[1] ?? '')?.[0])
      bridge.child.stdin.end()
      await bridge.result()
    }
    expect(identities[0]).toMatch(/^peer=ciq/)
    expect(identities[1]).toBe(identities[0])
    const line = readFileSync(join(state, 'htx_bridgeline.txt'), 'utf8')
    expect(line).toContain(identities[0]?.replace(',', ' '))
  })

  it('tell the parent what is wrong with the environment, and end', async () => {
    const old = await startPt({ TOR_PT_MANAGED_TRANSPORT_VER: '9' })
    expect([old.lines, (await old.result()).code]).toEqual([['VERSION-ERROR no-version'], 2])
    const empty = await startPt({ TOR_PT_STATE_LOCATION: 'state' })
    expect([empty.lines[0], (await empty.result()).code]).toEqual([expect.stringMatching(/^ENV-ERROR /), 2])
  })
})

describe('the client behind a proxy', () => {
  const client = (proxy: string) =>
    startPt({
      TOR_PT_STATE_LOCATION: join(temporaryFolder(), 'state'),
      TOR_PT_CLIENT_TRANSPORTS: 'htx',
      TOR_PT_PROXY: proxy,
    })

  it.each(['socks5', ' SOCKS5'])('of %s leaves the names of bridges to it', async (scheme) => {
    const requests: string[] = []
    const proxy = createTcpServer((socket) => {
      socket.on('error', () => {})
      // No authentication; then the request, which is kept and refused (RFC 1928).
      socket.once('data', () => {
        socket.write(Buffer.of(5, 0))
        socket.once('data', (request) => {
          requests.push(request.toString('latin1'))
          socket.end(Buffer.of(5, 4, 0, 1, 0, 0, 0, 0, 0, 0))
        })
      })
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    onTestFinished(() => void proxy.close())
    const { lines, child, result } = await client(
      `${scheme}://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    )
    expect(lines.slice(0, 2)).toEqual(['VERSION 1', 'PROXY DONE'])
    const socket = connect(Number(lines[2]?.split(':').at(-1)), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const values = Buffer.from(
      `peer=ciqpadamwdcr76iuogk2dfaubniq7fanh7dvhumrksyzvdeppi6p2bq;x=${'a'.repeat(52)}`,
    )
    const name = Buffer.from('bridge.invalid')
    socket.write(
      Buffer.concat([
        Buffer.of(5, 1, 2, 1, values.length),
        values,
        Buffer.of(1, 0, 5, 1, 0, 3, name.length),
        name,
        Buffer.of(1, 187),
      ]),
    )
    // Ends when the request has failed, one way or the other.
    await once(socket.resume(), 'end')
    socket.end()
    expect(requests).toEqual(['\x05\x01\x00\x03\x0ebridge.invalid\x01\xbb'])
    child.stdin.end()
    expect((await result()).code).toBe(0)
  })

  it.each(['socks4a://127.0.0.1:1', 'socks5://127.0.0.1:1/path', 'nonsense', 'socks5://a%ff@127.0.0.1:1'])(
    'that cannot be used (%s) tells the parent, and ends',
    async (url) => {
      const { lines, result } = await client(url)
      expect(lines).toEqual(['VERSION 1', expect.stringMatching(/^PROXY-ERROR the proxy /)])
      const { code, stdout } = await result()
      expect([code, stdout]).toEqual([2, `${lines.join('\n')}\n`])
    },
  )
})

const tor = judge('tor')

/** Without it tor would ask the authorities that are compiled in. */
const NO_AUTHORITY = `DirAuthority nobody orport=9 v3ident=${'0123456789ABCDEF'.repeat(3).slice(0, 40)} 127.0.0.1:9 ${'FEDCBA9876543210'.repeat(3).slice(0, 40)}`

function startTor(name: string, lines: readonly string[]) {
  const folder = join(temporaryFolder(), name)
  mkdirSync(folder, { mode: 0o700 })
  const torrc = join(folder, 'torrc')
  writeFileSync(
    torrc,
    [
      `DataDirectory ${join(folder, 'data')}`,
      NO_AUTHORITY,
      // Debug of [net] is where tor says what the extended ORPort was told.
      'Log notice [net]debug [general,pt]info stdout',
      `${name === 'bridge' ? 'Server' : 'Client'}TransportPlugin htx exec ${process.execPath} ${EXECUTABLE} htx pt --json`,
      ...lines,
      '',
    ].join('\n'),
  )
  const child = spawn(tor as string, ['-f', torrc], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 45_000)
  child.once('exit', () => clearTimeout(timer))
  const log = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let all = ''
  const until = async (text: string): Promise<void> => {
    while (!all.includes(text)) {
      const { done, value } = await log.next()
      if (done === true) throw new Error(`tor ended before "${text}":\n${all}`)
      all += `${value}\n`
    }
  }
  return { data: join(folder, 'data'), until, log: () => all }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('tor as the parent', () => {
  it.runIf(tor !== undefined)(
    'runs a bridge and a client over it up to the directory of the bridge',
    async () => {
      const port = await freePort()
      const bridge = startTor('bridge', [
        'SocksPort 0',
        `ORPort 127.0.0.1:${await freePort()}`,
        'ExtORPort auto',
        'BridgeRelay 1',
        'AssumeReachable 1',
        'PublishServerDescriptor 0',
        'Address 127.0.0.1',
        `ServerTransportListenAddr htx 127.0.0.1:${port}`,
      ])
      await bridge.until(`Registered server transport 'htx' at '127.0.0.1:${port}'`)
      await bridge.until('htx_bridgeline.txt')
      const fingerprint = readFileSync(join(bridge.data, 'fingerprint'), 'utf8').trim().split(' ')[1]
      const line = readFileSync(join(bridge.data, 'pt_state', 'htx_bridgeline.txt'), 'utf8')
      const client = startTor('client', [
        'SocksPort 0',
        'UseBridges 1',
        line
          .trim()
          .replace(/<IP ADDRESS>/, '127.0.0.1')
          .replace('<FINGERPRINT>', String(fingerprint)),
      ])
      await client.until('(conn_done_pt): Connected to pluggable transport')
      // Everything up to here has gone through SOCKS, both ends of the transport and the extended ORPort.
      await client.until('(handshake_done): Handshake with a relay done')
      await client.until('new bridge descriptor')
      await client.until(`STATUS TRANSPORT=htx ADDRESS=127.0.0.1:${port} CONNECT=Success`)
      // It would say so of a message that it cannot read.
      for (const { log } of [bridge, client])
        expect(log()).not.toMatch(/invalid (?:LOG|STATUS)|Unknown line/i)
      // What the extended ORPort of the bridge took for the address of its client.
      await bridge.until('Received USERADDR')
    },
  )
})

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  await new Promise((resolve) => child.once('close', resolve))
  return output
}
