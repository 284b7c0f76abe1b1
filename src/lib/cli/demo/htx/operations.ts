/** What an operator looks at: metrics, and a session that was written down. */
import { type DemoCheck, type DemoContext, toHex, utf8 } from '../../../core/index.ts'
import { aiv, withListener } from './processes.ts'

export async function showMetrics(context: DemoContext): Promise<DemoCheck> {
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
export async function showDecoding(context: DemoContext): Promise<DemoCheck> {
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
