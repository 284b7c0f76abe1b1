/** The HTX step: two processes on loopback send a file both ways over each link, and one transfer is cut. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import {
  AivError,
  type DemoCheck,
  type DemoContext,
  type DemoStep,
  isAivError,
  toHex,
  utf8,
} from '../../core/index.ts'
import { createSha256, systemRandom } from '../../crypto/index.ts'
import { formatSize } from '../quantities.ts'

const EXECUTABLE = fileURLToPath(new URL('../../../../bin/run.js', import.meta.url))
const LINKS = ['tcp', 'ws', 'quic'] as const
/** Large enough that windows grow and a transfer can be cut. */
const FILE_BYTES = 32 * 1024 * 1024
const PIECE_BYTES = 1024 * 1024
const READY_MS = 30_000
/** How long a stranger waits in vain. */
const SILENCE = '1s'

export const htxStep: DemoStep = {
  name: 'htx',
  summary: 'two processes send a file both ways over TCP, WebSocket and QUIC',
  run: async (context) => {
    const file = join(context.folder, 'file.bin')
    const expected = await makeFile(file)
    const checks: DemoCheck[] = [
      { name: `made a file of ${formatSize(FILE_BYTES)}`, passed: true, detail: expected },
    ]
    for (const link of LINKS) checks.push(...(await showLink(link, file, expected, context)))
    checks.push(
      await showCut(file, expected, context),
      await showWrongPeer(context),
      await showTickets(context),
      await showMetrics(context),
      await showDecoding(context),
      await showForward(context),
      await showResumption(context),
    )
    return checks
  },
}

async function showLink(
  link: (typeof LINKS)[number],
  file: string,
  expected: string,
  context: DemoContext,
): Promise<readonly DemoCheck[]> {
  const inbox = join(context.folder, `${link}-inbox`)
  const outbox = join(context.folder, `${link}-outbox`)
  await mkdir(inbox)
  await mkdir(outbox)
  const address = `htx+${link}://127.0.0.1:0`
  const sent = await withListener(['receive', address, '--into', inbox], context, async (peer) => {
    await aiv(['htx', 'send', file, peer], context)
    return await checksum(join(inbox, 'file.bin'))
  })
  const fetched = await withListener(['listen', address, '--serve', inbox], context, async (peer) => {
    await aiv(['htx', 'get', 'file.bin', peer, '--into', outbox], context)
    return await checksum(join(outbox, 'file.bin'))
  })
  return [
    { name: `${link}: sent, and the receiver has the same SHA-256`, passed: sent === expected, detail: sent },
    { name: `${link}: fetched back with the same SHA-256`, passed: fetched === expected, detail: fetched },
  ]
}

/** Kills the sender in the middle; a second attempt must go on where the first one stopped. */
async function showCut(file: string, expected: string, context: DemoContext): Promise<DemoCheck> {
  const name = 'a transfer that was cut goes on where it stopped'
  const inbox = join(context.folder, 'cut-inbox')
  await mkdir(inbox)
  return await withListener(
    ['receive', 'htx+tcp://127.0.0.1:0', '--into', inbox],
    context,
    async (peer, listener) => {
      const sender = start(['htx', 'send', file, peer, '--window', '65536', '--json'], context)
      await waitForEvent(listener, 'session', READY_MS)
      await waitForPart(inbox, FILE_BYTES / 8)
      sender.kill('SIGKILL')
      await ended(sender)
      const { files } = JSON.parse(await aiv(['htx', 'send', file, peer, '--json'], context)) as {
        readonly files: readonly { readonly resumed_from: number }[]
      }
      const from = files[0]?.resumed_from ?? 0
      const same = (await checksum(join(inbox, 'file.bin'))) === expected
      return { name, passed: same && from > 0, detail: `the second attempt began at ${formatSize(from)}` }
    },
  )
}

async function showWrongPeer(context: DemoContext): Promise<DemoCheck> {
  const name = 'a listener that is not the peer of the address gets nothing'
  const leaked = join(context.folder, 'leaked')
  return await withListener(
    ['listen', 'htx+tcp://127.0.0.1:0', '--exec', `cat > '${leaked}'`],
    context,
    async (peer) => {
      const stranger = await withListener(
        ['listen', 'htx+tcp://127.0.0.1:0', '--echo'],
        context,
        async (other) => other,
      )
      const wrong = peer.replace(
        /ciq[a-z2-7]+/,
        stranger.slice(stranger.indexOf('ciq'), stranger.indexOf('@')),
      )
      try {
        await aiv(['htx', 'connect', wrong], context)
      } catch (error) {
        const refused = isAivError(error) && error.message.includes('exit code 1')
        const nothing = await stat(leaked).then(
          () => false,
          () => true,
        )
        await rm(leaked, { force: true })
        return { name, passed: refused && nothing }
      }
      return { name, passed: false, detail: 'the client did not notice' }
    },
  )
}

/** The third client comes with a ticket that the second one has used. */
async function showResumption(context: DemoContext): Promise<DemoCheck> {
  const name = 'a second connection resumes the first, and its ticket serves nobody else'
  const tickets = join(context.folder, 'resumption.json')
  const copied = join(context.folder, 'copied-resumption.json')
  const listen = ['listen', 'htx+tcp://127.0.0.1:0', '--echo']
  return await withListener(listen, context, async (peer) => {
    const resumes = async (file: string): Promise<boolean> => {
      const answer = await aiv(['htx', 'ping', peer, '--count', '1', '--resume', file, '--json'], context)
      return (JSON.parse(answer) as { readonly resumed: boolean }).resumed
    }
    const first = await resumes(tickets)
    await copyFile(tickets, copied)
    const second = await resumes(tickets)
    const third = await resumes(copied)
    const passed = !first && second && !third
    return { name, passed, detail: `resumed: ${[first, second, third].join(', ')}` }
  })
}

/** The holder of a grant gets an answer; a stranger with the same address gets none. */
async function showTickets(context: DemoContext): Promise<DemoCheck> {
  const name = 'a listener with access tickets answers the holder of a grant and is silent to another'
  await aiv(['htx', 'ticket', 'new', '--out', 'tickets.json', '--out-grant', 'grant.json'], context)
  return await withListener(
    ['listen', 'htx+tcp://127.0.0.1:0', '--echo', '--tickets', 'tickets.json'],
    context,
    async (peer) => {
      await aiv(['htx', 'ping', peer, '--count', '1', '--ticket', 'grant.json'], context)
      try {
        await aiv(['htx', 'ping', peer, '--count', '1', '--handshake-timeout', SILENCE], context)
      } catch (error) {
        return { name, passed: isAivError(error) && error.message.includes('no answer within') }
      }
      return { name, passed: false, detail: 'the stranger got an answer' }
    },
  )
}

async function showMetrics(context: DemoContext): Promise<DemoCheck> {
  const args = ['listen', 'htx+tcp://127.0.0.1:0', '--echo', '--metrics', ':0']
  return await withListener(args, context, async (peer, _events, { metrics }) => {
    await aiv(['htx', 'ping', peer, '--count', '1'], context)
    const page = await (await fetch(String(metrics), { signal: context.signal })).text()
    const line = page.split('\n').find((each) => each.startsWith('htx_handshakes_total{result="accepted"}'))
    return {
      name: 'the metrics of a live listener count its session',
      passed: line?.endsWith(' 1') === true,
      detail: line ?? 'they do not',
    }
  })
}

/** Nothing but the recording and its key log is read: the word of the listener must stand in one of the frames. */
async function showDecoding(context: DemoContext): Promise<DemoCheck> {
  const name = 'a session that was written down decodes to its frames'
  const word = 'said over htx'
  return await withListener(
    ['listen', 'htx+tcp://127.0.0.1:0', '--exec', `printf '${word}'`],
    context,
    async (peer) => {
      await aiv(['htx', 'connect', peer, '--record', 'session.rec', '--keylog', 'keys.log'], context)
      const decoded = await aiv(['htx', 'decode', 'session.rec', '--keylog', 'keys.log', '--json'], context)
      const sealed = await aiv(['htx', 'decode', 'session.rec', '--json'], context)
      const hex = toHex(utf8(word))
      const frames = decoded.split('\n').length - 1
      return { name, passed: decoded.includes(hex) && !sealed.includes(hex), detail: `${frames} frames` }
    },
  )
}

/** A web server that only the listener may reach answers a client of the forward. */
async function showForward(context: DemoContext): Promise<DemoCheck> {
  const name = 'a forward carries an HTTP request to where the listener permits'
  const server = createServer((request, response) => response.end(`answer to ${request.url}`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const listener = ['listen', 'htx+tcp://127.0.0.1:0', '--permit', `*=${target}`]
    return await withListener(listener, context, async (peer) => {
      const forward = start(['htx', 'connect', peer, '--local-forward', `0:${target}`, '--json'], context)
      try {
        const { forwards } = await waitForEvent(eventsOf(forward.stderr), 'ready', READY_MS)
        const [{ listen }] = forwards as [{ readonly listen: string }]
        const answer = await (await fetch(`http://${listen}/hello`, { signal: context.signal })).text()
        return { name, passed: answer === 'answer to /hello', detail: answer }
      } finally {
        forward.kill('SIGTERM')
        await ended(forward)
      }
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function makeFile(path: string): Promise<string> {
  const hash = createSha256()
  const handle = await open(path, 'wx')
  try {
    for (let written = 0; written < FILE_BYTES; written += PIECE_BYTES) {
      const piece = systemRandom.bytes(PIECE_BYTES)
      hash.update(piece)
      await handle.write(piece)
    }
  } finally {
    await handle.close()
  }
  return toHex(hash.digest())
}

async function checksum(path: string): Promise<string> {
  const hash = createSha256()
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return toHex(hash.digest())
}

/** Waits until the hidden part in `folder` holds at least `bytes`. */
async function waitForPart(folder: string, bytes: number): Promise<void> {
  const { readdir } = await import('node:fs/promises')
  const { setTimeout: pause } = await import('node:timers/promises')
  for (let waited = 0; waited < READY_MS; waited += 5) {
    for (const entry of await readdir(folder)) {
      const { size } = await stat(join(folder, entry)).catch(() => ({ size: 0 }))
      if (size >= bytes) return
    }
    await pause(5)
  }
  throw new AivError('E_TIMEOUT', 'the transfer did not get anywhere')
}

function start(args: readonly string[], { folder, signal }: DemoContext): ChildProcess {
  return spawn(process.execPath, [EXECUTABLE, ...args], {
    cwd: folder,
    env: { ...process.env, AIV_HOME: join(folder, 'home') },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
}

/** Runs a command to its end. @throws AivError when its exit code is not 0 */
async function aiv(args: readonly string[], context: DemoContext): Promise<string> {
  const child = start(args, context)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const code = await ended(child)
  if (code === 0) return stdout
  throw new AivError(
    'E_INTERNAL',
    `aiv ${args.slice(0, 2).join(' ')} ended with exit code ${code}: ${stderr.trim()}`,
  )
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  return await new Promise((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
}

type Listener = AsyncIterator<Record<string, unknown>>

async function withListener<T>(
  args: readonly string[],
  context: DemoContext,
  work: (address: string, events: Listener, ready: Readonly<Record<string, unknown>>) => Promise<T>,
): Promise<T> {
  const child = start(['htx', ...args, '--json'], context)
  try {
    const events = eventsOf(child.stdout)
    const ready = await waitForEvent(events, 'ready', READY_MS)
    return await work(String(ready.address), events, ready)
  } finally {
    child.kill('SIGTERM')
    await ended(child)
  }
}

async function* eventsOf(input: Readable | null): AsyncGenerator<Record<string, unknown>> {
  if (input === null) return
  for await (const line of createInterface({ input })) {
    yield JSON.parse(line) as Record<string, unknown>
  }
}

async function waitForEvent(
  events: Listener,
  name: string,
  timeoutMs: number,
): Promise<Record<string, unknown>> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new AivError('E_TIMEOUT', `no event ${name}`)), timeoutMs)
  try {
    for (;;) {
      const next = await Promise.race([events.next(), late.promise])
      if (next.done === true) throw new AivError('E_INTERNAL', `the listener ended before event ${name}`)
      if (next.value.event === name) return next.value
    }
  } finally {
    clearTimeout(timer)
  }
}
