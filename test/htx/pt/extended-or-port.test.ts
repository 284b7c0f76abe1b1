import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { enterExtendedOrPort, readAuthCookie } from '../../../src/lib/htx/pt/extended-or-port.ts'
import { ByteReader } from '../../../src/lib/htx/service/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'

const COOKIE = Buffer.alloc(32, 7)
const NONCE = Buffer.alloc(32, 9)

/** The server's side by the words of tor's ext-orport specification. */
async function serve(socket: Socket, cookie: Buffer, answer: number): Promise<[number, string][]> {
  const read = async (count: number): Promise<Buffer> => {
    for (;;) {
      const bytes = socket.read(count) as Buffer | null
      if (bytes !== null) return bytes
      await once(socket, 'readable')
    }
  }
  const hash = (label: string, nonce: Buffer): Buffer =>
    createHmac('sha256', cookie).update(label).update(nonce).update(NONCE).digest()
  socket.write(Buffer.of(1, 0))
  expect(await read(1)).toEqual(Buffer.of(1))
  const nonce = await read(32)
  socket.write(hash('ExtORPort authentication server-to-client hash', nonce))
  socket.write(NONCE)
  const proof = await read(32)
  const right = proof.equals(hash('ExtORPort authentication client-to-server hash', nonce))
  socket.write(Buffer.of(right ? 1 : 0))
  const commands: [number, string][] = []
  for (;;) {
    const head = await read(4)
    const length = head.readUInt16BE(2)
    commands.push([head.readUInt16BE(0), length === 0 ? '' : (await read(length)).toString('latin1')])
    if (commands.at(-1)?.[0] === 0) break
  }
  socket.write(Buffer.of(answer >> 8, answer & 255, 0, 0))
  return commands
}

async function meet(cookie: Buffer, answer = 0x1000, client = '192.0.2.7:51034') {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const commands = once(server, 'connection').then(([socket]) => {
    onTestFinished(() => void (socket as Socket).destroy())
    return serve(socket as Socket, cookie, answer)
  })
  commands.catch(() => {})
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
    server.close()
  })
  const entered = enterExtendedOrPort(socket, new ByteReader(socket), {
    cookie: COOKIE,
    transport: 'htx',
    client,
    random: new SeededRandom(1),
  })
  return { entered, commands }
}

describe('the extended ORPort', () => {
  // 1 is USERADDR, 2 TRANSPORT, 0 DONE.
  it('lets in who knows the cookie, and learns the transport and the address of the client', async () => {
    const { entered, commands } = await meet(COOKIE)
    await entered
    expect(await commands).toEqual([
      [1, '192.0.2.7:51034'],
      [2, 'htx'],
      [0, ''],
    ])
  })

  it.each([
    ['[2001:db8::7]:443', '[2001:db8::7]:443'],
    ['[::ffff:192.0.2.7]:51034', '192.0.2.7:51034'],
    ['[fe80::7%eth0]:443', '[fe80::7]:443'],
    ['memory', undefined],
    ['unknown:0', undefined],
  ])('learns of %s what it can read', async (client, sent) => {
    const { entered, commands } = await meet(COOKIE, 0x1000, client)
    await entered
    expect((await commands).find(([type]) => type === 1)?.[1]).toBe(sent)
  })

  it('that does not know its own cookie gets no proof', async () => {
    const { entered } = await meet(Buffer.alloc(32, 8))
    await expect(entered).rejects.toMatchObject({ code: 'E_AUTHENTICATION' })
  })

  it('may deny', async () => {
    const { entered } = await meet(COOKIE, 0x1001)
    await expect(entered).rejects.toMatchObject({ code: 'E_AUTHENTICATION' })
  })
})

describe('the cookie of the extended ORPort', () => {
  it('is what follows the header of its file', async () => {
    const path = join(temporaryFolder(), 'cookie')
    writeFileSync(path, Buffer.concat([Buffer.from('! Extended ORPort Auth Cookie !\n'), COOKIE]))
    expect(Buffer.from(await readAuthCookie(path))).toEqual(COOKIE)
    for (const wrong of [COOKIE, Buffer.concat([Buffer.from('! Extended ORPort Auth Cookie ?\n'), COOKIE])]) {
      writeFileSync(path, wrong)
      await expect(readAuthCookie(path)).rejects.toMatchObject({ code: 'E_INPUT' })
    }
    await expect(readAuthCookie(`${path}.none`)).rejects.toMatchObject({ code: 'E_INPUT' })
  })
})
