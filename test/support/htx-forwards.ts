/** A listener and a client with forwards, both as processes, and the programs that judge them. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { type AivProcess, startAiv } from './aiv.ts'
import type { Workplace } from './shell.ts'

const LIMIT_MS = 100_000

/** Programs that tests use as judges, where Debian puts them; `undefined` and a line of output without them. */
export function judge(path: string): string | undefined {
  if (existsSync(path)) return path
  process.stdout.write(`skipped: ${path} is not installed\n`)
  return undefined
}

/** A TCP port that was free a moment ago, for programs that cannot pick one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Runs a server program until the test ends, once it takes connections on the port. */
export async function startServer(program: string, args: readonly string[], port: number): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk
    })
  onTestFinished(() => void child.kill('SIGKILL'))
  const deadline = performance.now() + 20_000
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`${program} does not listen: ${output}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const accepted = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return accepted
}

/** Starts `aiv htx listen` with these flags; returns its address. */
export async function startForwardListener(workplace: Workplace, flags: readonly string[]): Promise<string> {
  const listener = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', ...flags, '--json'], {
    env: { AIV_HOME: `${workplace.folder}-listener` },
    timeoutMs: LIMIT_MS,
  })
  listener.child.stdin.end()
  return String((await listener.nextEvent()).address)
}

export interface RunningForwards {
  readonly process: AivProcess
  /** Where each forward is, in the order of the flags; the port of `host:port`. */
  readonly ports: readonly number[]
}

/** Starts `aiv htx connect` with these flags. */
export async function startForwards(
  workplace: Workplace,
  address: string,
  flags: readonly string[],
): Promise<RunningForwards> {
  const client = startAiv(['htx', 'connect', address, ...flags, '--json'], {
    env: { AIV_HOME: `${workplace.folder}-client` },
    timeoutMs: LIMIT_MS,
  })
  client.child.stdin.end()
  const ready = await client.nextEvent()
  if (ready.event !== 'ready') throw new Error(`no forwards: ${JSON.stringify(ready)}`)
  const forwards = ready.forwards as readonly { readonly listen: string }[]
  return { process: client, ports: forwards.map(({ listen }) => Number(listen.split(':').at(-1))) }
}

/** Runs a program to its end without blocking this process, whose servers it may need. */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly stdout: Buffer; readonly stderr: string }> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, stdout: Buffer.concat(stdout), stderr }
}

/** Runs a program that needs nothing of this process. */
export function runNow(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { timeout: 30_000 })
  if (status !== 0) throw new Error(`${program}: ${stderr}`)
}
