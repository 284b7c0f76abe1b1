/**
 * What the examples of a command need around them to run as they are printed: files, variables, a listener. A
 * command that is not listed needs nothing.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  chooseEchConfig,
  HelloBuilder,
  newEchKey,
  parseEchConfigList,
  sealHello,
  setUpEch,
  templateById,
} from '../../src/lib/tls/index.ts'
import { selfSigned } from '../link/certificates.ts'
import { conformancePath } from './conformance.ts'
import { prepareRecording } from './decode-workplace.ts'
import { makeIdentity, prepareClient, prepareFetcher, preparePeers, prepareSender } from './htx-workplace.ts'
import { judge } from './judge.ts'
import { prepareBackup, prepareKeys, preparePassphrase } from './key-workplace.ts'
import { prepareLint } from './lint-documents.ts'
import { prepareInventories } from './lint-workplace.ts'
import { prepareMixClient } from './mix-client-workplace.ts'
import { prepareDelayAudit } from './mix-delay-workplace.ts'
import { prepareAuthorities, prepareNetwork, prepareVrf } from './mix-directory-workplace.ts'
import { prepareTrace } from './mix-trace-workplace.ts'
import { prepareMixPackets, prepareNewSurb } from './mix-workplace.ts'
import type { Workplace } from './shell.ts'
import { prepareSignedBoms } from './signed-boms.ts'
import { makeSite, prepareSiteClient } from './site-workplace.ts'
import { prepareRotation, prepareTickets } from './ticket-workplace.ts'
import { prepareTlsServers } from './tls-workplace.ts'

export interface ExampleSetup {
  /** Makes what the examples need. Returns a reason where it cannot, and the examples are then skipped. */
  readonly prepare?: (workplace: Workplace) => Promise<string | undefined> | string | undefined
  /** The examples, or those that match, run until they are interrupted, and must say so first: ready. */
  readonly runsOn?: boolean | RegExp
  /** Exit codes that are right for these examples; default only 0, or 130 for those that run on. */
  readonly codes?: readonly number[]
}

function prepareCapture({ folder }: Workplace): string | undefined {
  const capture = conformancePath('utls', 'ja4-foxio', 'pcap', 'tls-sni.pcapng')
  if (capture === undefined) return 'no conformance files'
  symlinkSync(capture, join(folder, 'capture.pcapng'))
  return undefined
}

/** A key file, and a hello that it opens. */
async function prepareEch({ folder }: Workplace): Promise<undefined> {
  const { file, list } = newEchKey('public.example.com')
  writeFileSync(join(folder, 'ech.pem'), file)
  const chosen = chooseEchConfig(parseEchConfigList(list)) as NonNullable<ReturnType<typeof chooseEchConfig>>
  const builder = new HelloBuilder(templateById('chrome-154'))
  const { record } = sealHello(builder, await setUpEch(chosen), { host: 'example.com' }).outer
  writeFileSync(join(folder, 'hello.bin'), record)
}

/** By command, as `topic verb`. */
export const EXAMPLE_SETUPS: Readonly<Record<string, ExampleSetup>> = {
  'htx connect': {
    async prepare(workplace) {
      await prepareSiteClient(workplace)
      return await prepareClient(workplace)
    },
    runsOn: /-forward /,
  },
  'htx decode': { prepare: prepareRecording },
  'htx ping': { prepare: prepareClient },
  'htx peers forget': { prepare: preparePeers },
  'htx peers trust': { prepare: preparePeers },
  'htx send': { prepare: prepareSender },
  'htx ticket new': { prepare: prepareRotation },
  'htx ticket show': { prepare: prepareTickets },
  'htx ticket verify': { prepare: prepareTickets },
  'htx get': { prepare: prepareFetcher },
  'htx ls': { prepare: prepareFetcher },
  'htx receive': {
    runsOn: true,
    async prepare(workplace) {
      mkdirSync(join(workplace.folder, 'inbox'))
      workplace.env.PEER = await makeIdentity(workplace, 'server.json')
      return undefined
    },
  },
  'htx listen': {
    runsOn: true,
    async prepare(workplace) {
      await makeSite(workplace.folder)
      workplace.env.PEER = await makeIdentity(workplace, 'server.json')
      return undefined
    },
  },
  'key export': { prepare: prepareKeys },
  'key import': { prepare: prepareBackup },
  'key new': { prepare: preparePassphrase },
  'key rotate': { prepare: prepareKeys },
  'key show': { prepare: prepareKeys },
  'mix analyze': { prepare: prepareTrace },
  'mix delay audit': { prepare: async (workplace) => void (await prepareDelayAudit(workplace)) },
  'mix descriptor new': { prepare: prepareNetwork },
  'mix directory fetch': { prepare: prepareAuthorities },
  'mix directory keys': { prepare: prepareAuthorities },
  'mix directory network': { prepare: prepareAuthorities },
  'mix directory publish': { prepare: prepareAuthorities },
  'mix directory run': { prepare: prepareAuthorities, runsOn: true },
  'mix directory new': { prepare: prepareNetwork },
  'mix directory show': { prepare: prepareNetwork },
  'mix directory sign': { prepare: prepareNetwork },
  'mix directory verify': { prepare: prepareNetwork },
  'mix path new': { prepare: prepareNetwork },
  'mix path verify': { prepare: prepareNetwork },
  'mix ping': { prepare: prepareMixClient },
  'mix receive': { runsOn: /--out inbox/, prepare: prepareMixClient },
  'mix send': { prepare: prepareMixClient },
  'mix run': { runsOn: true, prepare: prepareNetwork },
  'mix topology': { prepare: prepareNetwork },
  'mix vrf hash': { prepare: prepareVrf },
  'mix vrf prove': { prepare: prepareKeys },
  'mix vrf verify': { prepare: prepareVrf },
  'mix key new': { prepare: preparePassphrase },
  'mix key path': { prepare: prepareMixPackets },
  'mix key show': { prepare: prepareMixPackets },
  'mix packet new': { prepare: prepareMixPackets },
  'mix packet show': { prepare: prepareMixPackets },
  'mix packet unwrap': { prepare: prepareMixPackets },
  'mix surb new': { prepare: prepareNewSurb },
  'mix surb open': { prepare: prepareMixPackets },
  'mix surb use': { prepare: prepareMixPackets },
  'utls connect': { prepare: prepareTlsServers },
  'utls ech config show': { prepare: prepareEch },
  'utls ech open': { prepare: prepareEch },
  'utls ech seal': { prepare: prepareEch },
  'utls fingerprint': {
    runsOn: / --listen /,
    prepare(workplace) {
      const { cert, key } = selfSigned(['DNS:localhost'])
      writeFileSync(join(workplace.folder, 'server.pem'), cert)
      writeFileSync(join(workplace.folder, 'server.key'), key)
      return prepareCapture(workplace)
    },
  },
  'utls match': { prepare: prepareCapture },
  'utls template capture': {
    prepare: () => (judge('chromium') === undefined ? 'no chromium' : undefined),
  },
  'utls template diff': { codes: [1] },
  'lint convert': { prepare: prepareInventories },
  'lint diff': { prepare: prepareInventories, codes: [1] },
  'lint licenses': { prepare: prepareInventories, codes: [0, 1] },
  'lint merge': { prepare: prepareInventories },
  'lint score': { prepare: prepareInventories },
  'lint why': { prepare: prepareInventories },
  lint: { prepare: prepareLint },
  'lint sbom verify': { prepare: async ({ folder }) => void (await prepareSignedBoms(folder)) },
  'lint vectors': {
    prepare({ folder }) {
      const vectors = conformancePath('htx', 'noise', 'cacophony.25519_ChaChaPoly_SHA256+BLAKE2s.json')
      if (vectors === undefined) return 'no conformance files'
      symlinkSync(vectors, join(folder, 'vectors.json'))
      symlinkSync(
        conformancePath('utls', 'ja4-foxio', 'expected.json') as string,
        join(folder, 'expected.json'),
      )
      return undefined
    },
  },
}
