import { operationsFlags, sessionFlags } from '../../lib/cli/htx/flags.ts'
import { AivCommand, durationFlag } from '../../lib/cli/index.ts'

export default class HtxPt extends AivCommand {
  static override summary = 'carry Tor over HTX as its pluggable transport'
  static override description =
    `Started by tor, on a client with ClientTransportPlugin and on a bridge with ServerTransportPlugin, and told by its
environment what to do (pluggable transports, version 1). The bridge keeps its identity in the state folder that
tor names and writes the end of its bridge line to htx_bridgeline.txt there.`
  static override examples = [
    `TOR_PT_MANAGED_TRANSPORT_VER=1 TOR_PT_STATE_LOCATION=state TOR_PT_CLIENT_TRANSPORTS=htx \\
  TOR_PT_EXIT_ON_STDIN_CLOSE=1 <%= config.bin %> htx pt < /dev/null`,
    `TOR_PT_MANAGED_TRANSPORT_VER=1 TOR_PT_STATE_LOCATION=state TOR_PT_SERVER_TRANSPORTS=htx \\
  TOR_PT_SERVER_BINDADDR=htx-127.0.0.1:0 TOR_PT_ORPORT=127.0.0.1:9001 \\
  TOR_PT_EXIT_ON_STDIN_CLOSE=1 <%= config.bin %> htx pt < /dev/null`,
  ]
  static override dataOnStdout = true
  static override flags = {
    ...sessionFlags,
    ...operationsFlags,
    timeout: durationFlag({ summary: 'give reaching a bridge this long', default: 10_000 }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(HtxPt)
    const { runPt } = await import('../../lib/cli/htx/pt.ts')
    await runPt(process.env, flags, {
      signal: this.signal,
      event: this.event.bind(this),
      say: (line) => void process.stdout.write(`${line}\n`),
    })
  }
}
