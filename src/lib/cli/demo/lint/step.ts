/** The lint step: bills of materials are complete, the same everywhere, and what is wrong with one is seen. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoCheck, type DemoContext, type DemoStep, utf8 } from '../../../core/index.ts'
import { nodeProvider, systemRandom } from '../../../crypto/index.ts'
import { BOM_FORMATS, type Bom } from '../../../lint/index.ts'
import { PACKAGES, writeProject } from './project.ts'

/** 2023-11-14T22:13:20Z */
const SOURCE_DATE_EPOCH = '1700000000'

export const lintStep: DemoStep = {
  name: 'lint',
  summary: 'bills of materials are complete and the same everywhere, and what is wrong with one is seen',
  run: async (context) => {
    const bom = await scan(writeProject(join(context.folder, 'here')))
    return [
      showPackages(bom),
      await showFormats(bom),
      await showReproducible(bom, context),
      await showSignature(bom),
      await showDrift(bom, context),
      await showBroken(context),
    ]
  },
}

async function scan(folder: string): Promise<Bom> {
  const { scanProject } = await import('../../../lint/scan/index.ts')
  return (await scanProject(folder, { sourceDateEpoch: SOURCE_DATE_EPOCH })).bom
}

function purlsOf(bom: Bom): readonly string[] {
  return bom.components
    .filter(({ origin }) => origin === 'registry')
    .map(({ purl }) => purl ?? '')
    .sort()
}

function showPackages(bom: Bom): DemoCheck {
  const found = purlsOf(bom)
  const why = bom.dependencies.get('pkg:npm/send@1.2.0')?.on
  return {
    name: 'a scan finds the packages of two lockfiles, and what needs what',
    passed: found.join() === PACKAGES.join() && why?.join() === 'pkg:npm/ms@2.1.3',
    detail: `${found.length} packages of ${PACKAGES.length}`,
  }
}

async function showFormats(bom: Bom): Promise<DemoCheck> {
  const { readBom, writeBom } = await import('../../../lint/documents/index.ts')
  const { diffBoms } = await import('../../../lint/diff/index.ts')
  const differing: string[] = []
  for (const format of BOM_FORMATS) {
    const { bom: read, defects } = await readBom(await writeBom(bom, format))
    const { added, removed, changed } = diffBoms(bom, read)
    if (defects.length + added.length + removed.length + changed.length > 0) differing.push(format)
  }
  return {
    name: 'SPDX 2.3, SPDX 3.0.1 and CycloneDX say the same of it',
    passed: differing.length === 0,
    detail: differing.length === 0 ? `${BOM_FORMATS.length} formats` : `not ${differing.join(', ')}`,
  }
}

async function showReproducible(bom: Bom, { folder }: DemoContext): Promise<DemoCheck> {
  const { writeBom } = await import('../../../lint/documents/index.ts')
  const elsewhere = await scan(writeProject(join(folder, 'elsewhere')))
  const [first, second] = await Promise.all([writeBom(bom, 'spdx-json'), writeBom(elsewhere, 'spdx-json')])
  return {
    name: 'the same project in another folder gives the same bytes',
    passed: first === second,
    detail: `${utf8(first).length} bytes`,
  }
}

async function showSignature(bom: Bom): Promise<DemoCheck> {
  const { writeBom } = await import('../../../lint/documents/index.ts')
  const { signBom, verifyBom } = await import('../../../lint/sign/index.ts')
  const signer = nodeProvider.ed25519.generate(systemRandom)
  const signed = signBom(await writeBom(bom, 'cdx-json'), 'cdx-json', signer)
  const trusted = [{ publicKey: signer.publicKey }]
  const genuine = verifyBom(utf8(signed), trusted)
  const forged = verifyBom(utf8(signed.replace('2.7.4', '2.7.5')), trusted)
  return {
    name: 'a signed document verifies, and with one version changed it does not',
    passed: genuine.trusted && !forged.valid,
    detail: `genuine ${genuine.valid}, changed ${forged.valid}`,
  }
}

async function showDrift(bom: Bom, { folder }: DemoContext): Promise<DemoCheck> {
  const { diffBoms } = await import('../../../lint/diff/index.ts')
  const project = writeProject(join(folder, 'later'))
  const path = join(project, 'engine/Cargo.lock')
  writeFileSync(path, readFileSync(path, 'utf8').replace('2.7.4', '2.7.5'))
  const { changed } = diffBoms(bom, await scan(project))
  const versions = changed.map(({ before, after }) => `${before.name} ${before.version} to ${after.version}`)
  return {
    name: 'an update that the document does not know is seen',
    passed: versions.includes('memchr 2.7.4 to 2.7.5'),
    detail: versions.join(', '),
  }
}

async function showBroken({ folder }: DemoContext): Promise<DemoCheck> {
  const { scanProject } = await import('../../../lint/scan/index.ts')
  const project = writeProject(join(folder, 'broken'))
  writeFileSync(join(project, 'package-lock.json'), '{\n  "lockfileVersion": 3,\n  "packages": {,}\n}\n')
  const { problems } = await scanProject(project)
  const [problem] = problems
  return {
    name: 'a lockfile that cannot be read is named with the line',
    passed: problem?.severity === 'error' && problem.path === 'package-lock.json' && problem.line === 3,
    detail: problem === undefined ? 'nothing was said' : `${problem.path}:${problem.line}`,
  }
}
