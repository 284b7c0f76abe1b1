/** Forwards as other programs see them: curl, PySocks, nginx, OpenSSH and iperf3 judge. */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  freePort,
  judge,
  run,
  runNow,
  startForwardListener,
  startForwards,
  startServer,
} from '../support/htx-forwards.ts'
import { createWorkplace, type Workplace } from '../support/shell.ts'

const CURL = '/usr/bin/curl'
const PYTHON = '/usr/bin/python3'

/** Asks for the A record of a name through UDP ASSOCIATE, and prints the address in the answer. */
const DNS_QUERY = `
import socket, struct, sys, socks
proxy, server = int(sys.argv[1]), int(sys.argv[2])
s = socks.socksocket(socket.AF_INET, socket.SOCK_DGRAM)
s.set_proxy(socks.SOCKS5, '127.0.0.1', proxy)
s.settimeout(10)
name = b''.join(bytes([len(l)]) + l for l in b'far.example'.split(b'.')) + b'\\0'
s.sendto(struct.pack('>6H', 0x1234, 0x0100, 1, 0, 0, 0) + name + struct.pack('>2H', 1, 1), ('127.0.0.1', server))
answer, source = s.recvfrom(512)
assert source == ('127.0.0.1', server), source
assert answer[:2] == b'\\x12\\x34', answer
print('.'.join(str(b) for b in answer[-4:]))
`

/** A name server that knows one address. */
async function nameServer(): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const head = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 53])
    socket.send(Buffer.concat([head, query.subarray(12), record]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return socket.address().port
}

/** A web server that answers with the host that it was asked for. */
async function webServer(): Promise<number> {
  const server = createServer((request, response) => response.end(`you asked ${request.headers.host}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('a SOCKS proxy', () => {
  it('carries curl, with names that the other side resolves, and tells it why not', async () => {
    const curl = judge(CURL)
    if (curl === undefined) return
    const port = await webServer()
    const workplace = createWorkplace()
    const closed = await freePort()
    const address = await startForwardListener(workplace, [
      '--permit',
      `*=localhost:${port},127.0.0.1:${closed}`,
    ])
    const { ports } = await startForwards(workplace, address, ['-D', '0'])
    const ask = async (url: string): ReturnType<typeof run> =>
      await run(curl, ['-sS', '--max-time', '20', '--socks5-hostname', `127.0.0.1:${ports[0]}`, url])
    const good = await ask(`http://localhost:${port}/`)
    expect(good).toMatchObject({ code: 0, stderr: '' })
    expect(String(good.stdout)).toBe(`you asked localhost:${port}`)
    // 97 is curl's "proxy handshake error"; the number in brackets is the reply of RFC 1928.
    expect(await ask('http://127.0.0.1:1/')).toMatchObject({
      code: 97,
      stderr: expect.stringContaining('(2)'),
    })
    expect(await ask(`http://127.0.0.1:${closed}/`)).toMatchObject({
      code: 97,
      stderr: expect.stringContaining('(5)'),
    })
  })

  it('carries a DNS query of PySocks through UDP ASSOCIATE', async () => {
    const python = judge(PYTHON)
    if (python === undefined || judge('/usr/lib/python3/dist-packages/socks.py') === undefined) return
    const port = await nameServer()
    const workplace = createWorkplace()
    const address = await startForwardListener(workplace, ['--permit', `*=127.0.0.1:${port}`])
    const { ports } = await startForwards(workplace, address, ['-D', '0'])
    const { code, stdout, stderr } = await run(python, ['-c', DNS_QUERY, String(ports[0]), String(port)])
    expect(code, stderr).toBe(0)
    expect(String(stdout).trim()).toBe('192.0.2.53')
  })
})

describe('a local forward', () => {
  it('has nginx behind it', { timeout: 90_000 }, async () => {
    const nginx = judge('/usr/sbin/nginx')
    const curl = judge(CURL)
    if (nginx === undefined || curl === undefined) return
    const workplace = createWorkplace()
    const { folder } = workplace
    const port = await freePort()
    const content = randomBytes(5_000_000)
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, 'file.bin'), content)
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
events {}
http { access_log off; server { listen 127.0.0.1:${port}; root ${folder}; } }`,
    )
    await startServer(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf')], port)
    const address = await startForwardListener(workplace, ['--permit', `*=127.0.0.1:${port}`])
    const { ports } = await startForwards(workplace, address, ['-L', `0:127.0.0.1:${port}`])
    const base = `http://127.0.0.1:${ports[0]}`
    const got = await run(curl, ['-sS', '--max-time', '30', `${base}/file.bin`])
    expect(got).toMatchObject({ code: 0, stderr: '' })
    expect(got.stdout.equals(content)).toBe(true)
    const head = await run(curl, ['-sSI', '--max-time', '30', `${base}/none`])
    expect(String(head.stdout)).toMatch(/^HTTP\/1.1 404 .*\r\nServer: nginx/)
  })

  it('carries iperf3 in both directions', { timeout: 90_000 }, async () => {
    const iperf = judge('/usr/bin/iperf3')
    if (iperf === undefined) return
    const workplace = createWorkplace()
    const port = await freePort()
    await startServer(iperf, ['-s', '-B', '127.0.0.1', '-p', String(port)], port)
    const address = await startForwardListener(workplace, ['--permit', `*=127.0.0.1:${port}`])
    const { ports } = await startForwards(workplace, address, ['-L', `0:127.0.0.1:${port}`])
    for (const direction of [[], ['-R']]) {
      const args = ['-c', '127.0.0.1', '-p', String(ports[0]), '-n', '50M', '-P', '2', '-J', ...direction]
      const { code, stdout, stderr } = await run(iperf, args)
      expect(code, stderr + stdout).toBe(0)
      const { end } = JSON.parse(String(stdout)) as {
        readonly end: { readonly sum_received: { readonly bytes: number } }
      }
      // It stops counting when the sender says that it is done, which overtakes what is still in buffers.
      expect(end.sum_received.bytes).toBeGreaterThan(25_000_000)
    }
  })
})

describe('OpenSSH', () => {
  interface SecureShell {
    readonly port: number
    /** Arguments of a client that knows nothing of this machine. */
    readonly client: readonly string[]
  }

  /** A server of its own on a free port, and a key that it takes. */
  async function startSecureShell({ folder }: Workplace, sshd: string): Promise<SecureShell> {
    const port = await freePort()
    for (const name of ['host', 'user'])
      runNow('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
    writeFileSync(
      join(folder, 'sshd_config'),
      `ListenAddress 127.0.0.1:${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
`,
    )
    // Where Debian's service would make it.
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
    await startServer(sshd, ['-D', '-e', '-f', join(folder, 'sshd_config')], port)
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'BatchMode=yes',
    ]
    return {
      port,
      client: ['-F', 'none', '-i', join(folder, 'user'), ...options.flatMap((option) => ['-o', option])],
    }
  }

  const COMMAND = 'head -c 1000000 /dev/zero | wc -c; exit 7'

  it('goes through -W as its ProxyCommand, and through -R', { timeout: 90_000 }, async () => {
    const ssh = judge('/usr/bin/ssh')
    const sshd = judge('/usr/sbin/sshd')
    if (ssh === undefined || sshd === undefined) return
    const workplace = createWorkplace()
    const { port, client } = await startSecureShell(workplace, sshd)
    const address = await startForwardListener(workplace, ['--permit', `*=127.0.0.1:${port},127.0.0.1:0`])
    const proxy = `ProxyCommand=aiv htx connect '${address}' -W '%h:%p'`
    const user = userInfo().username
    const login = [...client, '-p', String(port), '-o', proxy, `${user}@127.0.0.1`, COMMAND]
    const through = await run(ssh, login, workplace.env)
    expect(through.stdout.toString().trim(), through.stderr).toBe('1000000')
    expect(through.code).toBe(7)

    const { ports } = await startForwards(workplace, address, ['-R', `0:127.0.0.1:${port}`])
    const back = await run(ssh, [...client, '-p', String(ports[0]), `${user}@127.0.0.1`, COMMAND])
    expect(back.stdout.toString().trim(), back.stderr).toBe('1000000')
    expect(back.code).toBe(7)
  })
})
