import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fromHex, SeededRandom } from '../../../src/lib/core/index.ts'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import { createPacket, makeGeometry, type PathHop } from '../../../src/lib/sphinx/index.ts'

const NODE = fileURLToPath(new URL('./crash-node.ts', import.meta.url))
const GEOMETRY = makeGeometry()
const PACKETS = 600
const ROUNDS = 3

interface Ready {
  readonly port: number
  readonly id: string
  readonly mixKey: string
  readonly other: string
}

let folder: string
let receiver: Server
/** Every packet that the node let through, as its bytes. */
let arrived: string[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aiv-crash-'))
  arrived = []
  receiver = createServer((socket) => {
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (; rest.length >= GEOMETRY.packetBytes; rest = rest.subarray(GEOMETRY.packetBytes))
        arrived.push(rest.toString('latin1', 0, GEOMETRY.packetBytes))
    })
    socket.on('error', () => {})
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
})
afterAll(() => {
  receiver.close()
  rmSync(folder, { recursive: true })
})

function packetsFor({ id, mixKey, other }: Ready): Buffer {
  const path: PathHop[] = [
    { id: fromHex(id), publicKey: fromHex(mixKey), commands: [{ type: 'delay', ms: 1 }] },
    {
      id: fromHex(other),
      publicKey: fromHex(mixKey),
      commands: [{ type: 'recipient', id: new Uint8Array(32) }],
    },
  ]
  const payload = new Uint8Array(GEOMETRY.payloadBytes)
  return Buffer.concat(
    Array.from({ length: PACKETS }, () => createPacket(GEOMETRY, path, payload, systemRandom)),
  )
}

/** Starts the node, sends it all packets, and kills it `delayMs` after the first of this round came through. */
async function sendAndKill(packets: Buffer | undefined, delayMs: number): Promise<Buffer> {
  const { port: otherPort } = receiver.address() as AddressInfo
  const child = spawn(process.execPath, [NODE, folder, String(otherPort)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const complaints: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  const closed = once(child, 'close')
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const ready = JSON.parse(line.toString()) as Ready
  const all = packets ?? packetsFor(ready)
  const before = arrived.length
  const socket = connect(ready.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(all)
  for (let waited = 0; arrived.length === before && waited < 2000; waited++)
    await new Promise((resolve) => setTimeout(resolve, 1))
  await new Promise((resolve) => setTimeout(resolve, delayMs))
  child.kill('SIGKILL')
  await closed
  socket.destroy()
  expect(Buffer.concat(complaints).toString()).toBe('')
  return all
}

it('a node that is killed while packets pass lets none of them through a second time', async () => {
  const random = new SeededRandom(3)
  let packets: Buffer | undefined
  for (let round = 0; round < ROUNDS; round++) packets = await sendAndKill(packets, random.below(40))
  expect(arrived.length).toBeGreaterThan(50)
  expect(new Set(arrived).size).toBe(arrived.length)
})
