/** Who gets nothing: a listener that is another, a stranger without a ticket, a ticket that was used. */
import { copyFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type DemoCheck, type DemoContext, isAivError } from '../../../core/index.ts'
import { aiv, withListener } from './processes.ts'

/** How long a stranger waits in vain. */
const SILENCE = '1s'

export async function showWrongPeer(context: DemoContext): Promise<DemoCheck> {
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
export async function showResumption(context: DemoContext): Promise<DemoCheck> {
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
export async function showTickets(context: DemoContext): Promise<DemoCheck> {
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
