import { AivCommand, durationFlag, Flags, hostPortFlag, sizeFlag } from '../../lib/cli/index.ts'
import { runTrustFlags } from '../../lib/cli/mix/directory/trust.ts'
import { packetFlags, roleFlags, vrfKeyFlags } from '../../lib/cli/mix/flags.ts'

export default class MixRun extends AivCommand {
  static override summary = 'run a node of a mix network'
  static override description =
    `Takes packets from its peers, opens them in worker threads, holds each as long as it asks, and sends it on. Addresses of HTX
are encrypted and name the peer; tcp:// is for a lab, where everybody may read along. The node makes its own mix keys, one
for each epoch and three ahead, and writes its descriptor to --descriptor as often as they change. The directory is read
when it appears and whenever it changes; until then every packet is dropped. A packet leaves when its replay tag is on the
disk, so that it passes once even if the machine stops. With --delay vrf or hybrid the node keeps a log of the delays that
it draws, and writes what \`aiv mix delay audit\` reads into the folder delays of --state when the epoch after is over.

The first event says how many packets the replay filter takes. A filter that is full drops packets until its key ends; give
it more with --replay-memory. The last event has the counts of all packets: received are those forwarded, delivered and
dropped, by reason.`
  static override examples = [
    '<%= config.bin %> mix run --listen htx+tcp://127.0.0.1:0 --key alice.json --directory network.json --unsigned --epoch-length 30d --descriptor alice-node.json',
    '<%= config.bin %> mix run --listen tcp://127.0.0.1:0 --key alice.json --directory network.json --unsigned --epoch-length 30d --workers 1 --replay-memory 8MiB --json',
  ]
  static override flags = {
    listen: Flags.string({
      summary: 'where to take packets, such as htx+tcp://0.0.0.0:4434; may be repeated; port 0 picks one',
      required: true,
      multiple: true,
      helpValue: 'ADDRESS',
    }),
    advertise: Flags.string({
      summary: 'address for the descriptor, where peers reach the node by another one; may be repeated',
      multiple: true,
      helpValue: 'ADDRESS',
    }),
    ...vrfKeyFlags,
    key: Flags.file({
      summary: 'identity file (default identity.json in the config folder)',
      helpValue: 'FILE',
    }),
    directory: Flags.string({
      summary: 'directory of the network; it may appear later',
      required: true,
      helpValue: 'FILE',
    }),
    ...runTrustFlags,
    descriptor: Flags.string({ summary: 'write the signed descriptor here', helpValue: 'FILE' }),
    state: Flags.string({
      summary: 'folder of the mix keys and mailboxes; default one for this identity in the data folder',
      helpValue: 'DIR',
    }),
    ...roleFlags,
    delay: Flags.option({
      options: ['sender', 'vrf', 'hybrid'] as const,
      summary: 'who chooses how long packets wait: their senders, this node by its VRF key, or both',
      default: 'sender',
    })(),
    'delay-mean': durationFlag({ summary: 'mean of the delays that this node draws', default: 33 }),
    workers: Flags.integer({ summary: 'threads that open packets', default: 2, min: 1, max: 64 }),
    'replay-memory': sizeFlag({ summary: 'memory of the replay filter of one key; default 80MiB' }),
    'peer-rate': Flags.integer({
      summary: 'packets a second that one peer may send; default 20000',
      min: 1,
      helpValue: 'COUNT',
    }),
    'epoch-length': durationFlag({ summary: 'length of a key epoch; default 20m' }),
    ...packetFlags,
    metrics: hostPortFlag({
      summary: 'serve Prometheus metrics here over HTTP; without a host on loopback',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixRun)
    const { runNode } = await import('../../lib/cli/mix/run-node.ts')
    await runNode(flags, { signal: this.signal, event: this.event.bind(this) })
  }
}
