/** One port is a web site to a visitor and a listener to the holder of a grant. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import type { DemoCheck, DemoContext } from '../../../core/index.ts'
import { aiv, withListener } from './processes.ts'

const PAGE = '<!doctype html><title>Bread</title><h1>Our bread</h1>\n'
const WORDS = 'quiet words'

export async function showCamouflage(context: DemoContext): Promise<readonly DemoCheck[]> {
  const pages = join(context.folder, 'pages')
  const served = join(context.folder, 'hidden')
  await mkdir(pages)
  await mkdir(served)
  await writeFile(join(pages, 'index.html'), PAGE)
  await writeFile(join(served, 'words.txt'), WORDS)
  const keys = join(context.folder, 'site-tickets.json')
  const grant = join(context.folder, 'site-grant.json')
  await aiv(['htx', 'ticket', 'new', '--ticket-version', '2', '--out', keys, '--out-grant', grant], context)
  const listen = ['listen', 'htx+https://127.0.0.1:0/feed', '--decoy', pages, '--tickets', keys]
  return await withListener([...listen, '--serve', served], context, async (peer, _events, { pin }) => {
    const port = Number(/:(\d+)\//.exec(peer)?.[1])
    const visited = await visit(port, '/')
    const knocked = await visit(port, '/feed?bn1=AAAA')
    const unknown = await visit(port, '/nothing?bn1=AAAA')
    const fetched: boolean[] = []
    for (const mode of ['ws', 'h2']) {
      const into = join(context.folder, `from-site-${mode}`)
      await mkdir(into)
      const client = ['--ticket', grant, '--pin', String(pin), '--mode', mode]
      await aiv(['htx', 'get', 'words.txt', peer, '--into', into, ...client], context)
      fetched.push((await readFile(join(into, 'words.txt'), 'utf8')) === WORDS)
    }
    return [
      {
        name: 'https: a visitor sees a web site, and a forged ticket nothing else',
        passed: visited.body === PAGE && knocked.status === unknown.status && knocked.body === unknown.body,
        detail: `statuses ${visited.status}, ${knocked.status}, ${unknown.status}`,
      },
      {
        name: 'https: the holder of a grant gets a file through the same port, as a WebSocket and inside HTTP/2',
        passed: fetched.every((same) => same),
      },
    ]
  })
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** As a scanner asks, who takes any certificate. */
async function visit(port: number, path: string): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false },
      (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
