/** The published JA4 values of FoxIO's captures. */
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FoundHello, findHellos } from '../../../src/lib/tls/index.ts'
import { conformancePath } from '../../support/conformance.ts'

export interface Published {
  readonly src: string
  readonly dst: string
  readonly srcport: number
  readonly dstport: number
  readonly sni?: string
  readonly ja4: string
  readonly ja4_r?: string
  readonly ja4_o?: string
  readonly ja4_ro?: string
}

export interface FoxioCapture {
  readonly name: string
  readonly path: string
  readonly published: readonly Published[]
}

/** None, with a printed reason, where the captures are not there. */
export function foxioCaptures(): readonly FoxioCapture[] {
  const folder = conformancePath('utls', 'ja4-foxio')
  if (folder === undefined) return []
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<
    string,
    Published[]
  >
  const captures = { ...expected, 'dtls-udp.notest.cap': [] }
  return Object.entries(captures).map(([name, published]) => ({
    name,
    published,
    path: join(folder, 'pcap', name),
  }))
}

export async function hellosOf(path: string): Promise<readonly FoundHello[]> {
  const found: FoundHello[] = []
  await findHellos(createReadStream(path), { onHello: (hello) => found.push(hello) })
  return found
}
