/** A process that dials, says hello and then waits to be killed. Arguments: kind, host, port. */
import { dialLink, type OpenableKind } from '../../../src/lib/link/index.ts'

const [kind, host = '', port = ''] = process.argv.slice(2)
const link = await dialLink(kind as OpenableKind, { host, port: Number(port) })
link.attach({ data: () => {}, end: () => {}, drain: () => {}, close: () => {} })
link.write([new TextEncoder().encode('hello')])
setInterval(() => {}, 1000)
