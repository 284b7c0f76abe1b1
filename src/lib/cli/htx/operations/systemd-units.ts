/** Units of systemd that run a command line of `aiv htx listen`, with as few rights as it needs. */
import { fileURLToPath } from 'node:url'
import { parseAddress } from '../../../htx/index.ts'

const NAME = 'aiv-htx'
const EXECUTABLE = fileURLToPath(new URL('../../../../../bin/run.js', import.meta.url))
const KEY = `%S/${NAME}/identity.json`

export interface Unit {
  readonly name: string
  readonly content: string
}

/**
 * A service, and a socket where systemd can bind it: a restart then turns nobody away.
 * @param argv words behind `aiv htx listen`
 * @throws AivError `E_ADDRESS`
 */
export function systemdUnits(address: string, argv: readonly string[]): readonly Unit[] {
  const { scheme, host, port } = parseAddress(address, 'listen')
  const bindable = scheme === 'htx+tcp' || scheme === 'htx+ws' || scheme === 'htx+wss'
  const service = { name: `${NAME}.service`, content: serviceUnit(argv, bindable) }
  if (!bindable) return [service]
  const where = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return [{ name: `${NAME}.socket`, content: socketUnit(where) }, service]
}

/** The units one below the other, each with the place where it belongs. */
export function unitsText(units: readonly Unit[]): string {
  return units.map(({ name, content }) => `# /etc/systemd/system/${name}\n${content}`).join('\n')
}

function socketUnit(where: string): string {
  return `[Unit]
Description=Socket of the HTX listener

[Socket]
ListenStream=${where}
FileDescriptorName=htx
NoDelay=yes
Backlog=4096

[Install]
WantedBy=sockets.target
`
}

function serviceUnit(argv: readonly string[], bindable: boolean): string {
  const aiv = [process.execPath, EXECUTABLE].map(quote).join(' ')
  const words = [...withoutOwn(argv), '--key'].map(quote).join(' ')
  // Node lives in a home on some machines, and nothing could start where homes are hidden.
  const home = [process.execPath, EXECUTABLE].some((path) => /^\/(?:home|root)\//.test(path))
    ? 'read-only'
    : 'yes'
  return `[Unit]
Description=HTX listener
After=network-online.target
Wants=network-online.target
${bindable ? `Requires=${NAME}.socket\n` : ''}
[Service]
Type=notify
# Messages come from systemd-notify, a child.
NotifyAccess=all
Environment=AIV_HOME=%S/${NAME}
# The identity is made at the first start; an existing one can be put there before.
ExecStartPre=/bin/sh -c 'test -e ${KEY} || exec ${aiv} key new --out ${KEY}'
ExecStart=${aiv} htx listen ${words} ${KEY}
${reloads(argv) ? 'ExecReload=/bin/kill -HUP $MAINPID\n' : ''}WatchdogSec=60
Restart=on-failure
RestartSec=2
TimeoutStopSec=20
# The exit code after SIGTERM.
SuccessExitStatus=130
LimitNOFILE=65536

DynamicUser=yes
StateDirectory=${NAME}
StateDirectoryMode=0700
UMask=0077
# Empty on purpose: ports below 1024 are for the socket unit to bind.
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=${home}
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# No MemoryDenyWriteExecute: the compiler of Node makes code as it runs.
${
  bindable
    ? ''
    : `
[Install]
WantedBy=multi-user.target
`
}`
}

/** Only then there is something to read again. */
function reloads(argv: readonly string[]): boolean {
  return argv.some((word) => /^--(?:allow|permit)-file(?:=|$)/.test(word))
}

/** The words that the service is to run with: it prints nothing, and its key is in its own folder. */
function withoutOwn(argv: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string
    if (word === '--key') i++
    else if (word !== '--systemd' && !word.startsWith('--key=')) kept.push(word)
  }
  return kept
}

/** One word of a command line of systemd: neither specifiers nor variables are expanded in it. */
function quote(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%+=:,./$*-]+$/.test(plain)
    ? plain
    : `"${plain.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
