import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HelloRecorder, type RecordedHello } from '../../../../src/lib/tls/browser/drive/hello-recorder.ts'
import { conformancePath } from '../../../support/conformance.ts'

const folder = conformancePath('utls')

/** However it comes about. */
async function closed(socket: Socket): Promise<void> {
  await new Promise((resolve) => socket.resume().once('close', resolve))
}

async function recording(stayOpen: boolean): Promise<{
  readonly hellos: RecordedHello[]
  readonly open: () => Promise<Socket>
}> {
  const hellos: RecordedHello[] = []
  const recorder = await HelloRecorder.listen((hello) => {
    hellos.push(hello)
    return stayOpen
  })
  onTestFinished(() => recorder.close())
  return {
    hellos,
    async open() {
      const socket = connect(recorder.port, '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      return socket
    },
  }
}

describe.runIf(folder !== undefined)('a listener for hellos', () => {
  const bytes = readFileSync(`${folder}/chromium-156.0.8078.79-clienthello-1.bin`)

  it('keeps what was sent, in however many pieces', async () => {
    const { hellos, open } = await recording(false)
    const socket = await open()
    socket.setNoDelay(true)
    for (let at = 0; at < bytes.length; at += 100) socket.write(bytes.subarray(at, at + 100))
    await closed(socket)
    expect(hellos.map(({ name }) => name)).toEqual(['example.test'])
    expect(Buffer.from(hellos[0]?.bytes ?? [])).toEqual(bytes)
  })

  it.each([
    ['words', Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(1_000))],
    [
      'a hello that ends early',
      Buffer.concat([bytes.subarray(0, 3), Buffer.from('00310100002d', 'hex'), Buffer.alloc(45, 1)]),
    ],
    [
      'a hello as long as they come',
      Buffer.concat([Buffer.from('160301400001ffffff', 'hex'), Buffer.alloc(100_000)]),
    ],
  ])('hangs up on %s', async (_, sent) => {
    const { hellos, open } = await recording(true)
    const socket = await open()
    socket.write(sent)
    await closed(socket)
    expect(hellos).toEqual([])
  })

  it('leaves connections open that are to wait, and ends them with itself', async () => {
    const { promise: heard, resolve } = Promise.withResolvers<void>()
    const recorder = await HelloRecorder.listen(() => {
      resolve()
      return true
    })
    const socket = connect(recorder.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(bytes)
    await heard
    expect(socket.readyState).toBe('open')
    recorder.close()
    await closed(socket)
  })
})
