/** The commands over packets, judged by Katzenpost's published vectors: what they print is what its nodes print. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/lib/core/index.ts'
import { x25519 } from '../../../src/lib/crypto/index.ts'
import { conformancePath } from '../../support/conformance.ts'
import { createWorkplace, runShell } from '../../support/shell.ts'

interface PacketVector {
  readonly Nodes: readonly { readonly ID: string; readonly PrivateKey: string }[]
  readonly Path: readonly { readonly ID: string; readonly Commands: readonly string[] }[]
  readonly Packets: readonly string[]
  readonly Payload: string
  readonly Surb: string
  readonly SurbKeys: string
}

const FOLDER = conformancePath('mix', 'katzenpost')

function vector(file: string, hops: number, hasSurb: boolean): PacketVector {
  const all = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as PacketVector[]
  return all.find(({ Path, Surb }) => Path.length === hops && (Surb !== '') === hasSurb) as PacketVector
}

/** The node's key as a key file: the fields are those that docs/mix.md gives. */
function writeKey(path: string, id: string, privateKey: string): void {
  const { publicKey } = x25519.fromPrivate(Buffer.from(privateKey, 'hex'))
  const document = {
    v: 1,
    type: 'aiv mix key',
    id,
    public_key: toHex(publicKey),
    encryption: null,
    secret: privateKey,
  }
  writeFileSync(path, JSON.stringify(document), { mode: 0o600 })
}

/** Unwraps at each node, from file to file; the last line of the script prints what came out as JSON. */
async function unwrapAll(
  { Nodes, Packets }: PacketVector,
  geometry: string,
): Promise<readonly Record<string, unknown>[]> {
  const workplace = createWorkplace()
  for (const [i, { ID, PrivateKey }] of Nodes.entries()) {
    writeKey(join(workplace.folder, `hop${i}.json`), ID, PrivateKey)
    writeFileSync(join(workplace.folder, `packet${i}`), `${Packets[i]}\n`)
  }
  const script = Nodes.map(
    (_, i) => `aiv mix packet unwrap packet${i} --key hop${i}.json ${geometry} --raw --json`,
  )
  const { code, stdout, stderr } = await runShell(script.join('\n'), workplace)
  expect(code, stderr).toBe(0)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe.skipIf(FOLDER === undefined)('packets of Katzenpost', () => {
  it.each([
    ['nike', 'sphinx_vectors.json', 5],
    ['kem', 'kemsphinx_vectors.json', 2],
  ])('aiv mix packet unwrap prints each next packet and the payload: %s', async (format, file, hops) => {
    const published = vector(file, hops, false)
    const geometry = `--format ${format} --hops 5 --payload-bytes 103`
    const unwrapped = await unwrapAll(published, geometry)
    for (const [i, found] of unwrapped.slice(0, -1).entries()) {
      expect(found.kind).toBe('forward')
      expect(found.packet).toBe(published.Packets[i + 1])
      expect(found.next_hop).toBe(published.Path[i + 1]?.ID)
      // Command 0x80 and the milliseconds.
      const delay = `80${Number(found.delay_ms).toString(16).padStart(8, '0')}`
      expect(published.Path[i]?.Commands).toEqual([delay])
    }
    expect(published.Path.at(-1)?.Commands).toEqual([`02${unwrapped.at(-1)?.recipient}`])
    expect(unwrapped.at(-1)).toMatchObject({ kind: 'deliver', framed: false, payload: published.Payload })
  })

  it('aiv mix surb use and open make and read the answers of its clients', async () => {
    const published = vector('sphinx_vectors.json', 3, true)
    const workplace = createWorkplace()
    const file = (name: string): string => join(workplace.folder, name)
    const raw = '--format nike --hops 5 --payload-bytes 103 --raw'
    writeFileSync(file('surb'), published.Surb)
    writeFileSync(file('payload'), Buffer.from(published.Payload, 'hex'))
    for (const [i, { ID, PrivateKey }] of published.Nodes.entries())
      writeKey(file(`hop${i}.json`), ID, PrivateKey)
    const keys = {
      v: 1,
      type: 'aiv surb keys',
      geometry: { format: 'nike', prf: 'sha256-v1', hops: 5, packet_bytes: 611 },
      surb_id: '2cd50d8b9f172555526c4f1b22925183',
      hops: 3,
      keys: published.SurbKeys,
    }
    writeFileSync(file('keys.json'), JSON.stringify(keys), { mode: 0o600 })
    const { code, stdout, stderr } = await runShell(
      `aiv mix surb use payload --surb surb ${raw} > packet0
aiv mix packet unwrap packet0 --key hop0.json ${raw} > packet1
aiv mix packet unwrap packet1 --key hop1.json ${raw} > packet2
aiv mix packet unwrap packet2 --key hop2.json ${raw} > reply
aiv mix surb open reply --keys keys.json --raw
ls surb keys.json 2> /dev/null || true`,
      workplace,
    )
    expect(code, stderr).toBe(0)
    for (const i of [0, 1, 2])
      expect(readFileSync(file(`packet${i}`)).toString('hex')).toBe(published.Packets[i])
    // Neither the SURB nor its keys are there any more.
    expect(stdout).toBe(Buffer.from(published.Payload, 'hex').toString())
  })
})
