/** Flags of the forwards, on either side. */
import * as Flags from '@oclif/core/flags'

/** What `aiv htx connect` carries instead of stdin and stdout. */
export const forwardFlags = {
  'local-forward': Flags.string({
    char: 'L',
    summary: 'carry connections to this port to a target of the peer; may be repeated',
    multiple: true,
    helpValue: '[BIND:]PORT:HOST:PORT',
  }),
  'remote-forward': Flags.string({
    char: 'R',
    summary: 'let the peer open this port and carry its connections to a target here; may be repeated',
    multiple: true,
    helpValue: '[BIND:]PORT:HOST:PORT',
  }),
  'dynamic-forward': Flags.string({
    char: 'D',
    summary: 'open a SOCKS5 proxy here that goes out at the peer; may be repeated',
    multiple: true,
    helpValue: '[BIND:]PORT',
  }),
  'stdio-forward': Flags.string({
    char: 'W',
    summary: 'join stdin and stdout to this target of the peer',
    helpValue: 'HOST:PORT',
    exclusive: ['local-forward', 'remote-forward', 'dynamic-forward'],
  }),
}

/** What a listener lets its peers reach. */
export const permitFlags = {
  permit: Flags.string({
    summary: 'let a peer reach these targets and open these ports; * is any peer, public host or port',
    multiple: true,
    helpValue: 'PEER=HOST:PORT,…',
  }),
  'permit-file': Flags.file({
    summary: 'file of such entries, one a line; read again on SIGHUP and when it changes',
    helpValue: 'FILE',
  }),
  'allow-file': Flags.file({
    summary: 'file of peer ids that may connect, one a line; read again like --permit-file',
    helpValue: 'FILE',
  }),
  socks: Flags.boolean({ summary: 'let every peer that may connect reach all public addresses' }),
}
