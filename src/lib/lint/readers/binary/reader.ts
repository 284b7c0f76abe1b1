/** Reads programs in ELF, PE and Mach-O: what their build tool wrote into them, or beside them. Nothing is run. */
import { toHex } from '../../../core/index.ts'
import { sha256 } from '../../../crypto/digest.ts'
import type { Bom, Component } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { guardFile, nameOf, oneProject, problemOf } from '../lock/index.ts'
import { UnreadableText } from '../parse/index.ts'
import type { ProjectFiles, Reader, ReadProblem, ReadResult } from '../reader.ts'
import { concealment } from './concealment.ts'
import { type GoBuildInfo, goBuildInfo } from './go/build-info.ts'
import { addGoModules, goProgram } from './go/go-program.ts'
import type { BinaryImage } from './image/image.ts'
import { readImages } from './image/read-images.ts'
import { addCrates, type RustAudit, rustAudit } from './rust-audit.ts'
import { sbomBeside } from './sbom/beside.ts'
import { addDescribed, describedProgram, parseBom } from './sbom/embed.ts'
import { MAX_SBOM_BYTES, sbomInside } from './sbom/inside.ts'

export const binaryReader: Reader = {
  id: 'binary',
  read: (path, files) => guardFile(path, () => readBinary(path, files)),
}

/** What was found, and where. */
interface Findings {
  readonly go: readonly GoBuildInfo[]
  readonly rust: readonly RustAudit[]
  readonly documents: readonly { readonly bom: Bom; readonly path: string }[]
}

function readBinary(path: string, files: ProjectFiles): ReadResult {
  const bytes = files.bytes(path)
  if (bytes === undefined) throw new UnreadableText('it cannot be opened', { line: 1, column: 1 })
  const images = readImages(bytes)
  if (images.length === 0)
    throw new UnreadableText('it is no executable in ELF, PE or Mach-O', { line: 1, column: 1 })
  const problems: ReadProblem[] = []
  const findings = findingsOf(path, files, images, problems)
  const builder = new ProjectBuilder(rootOf(path, bytes, findings))
  // The parts of a universal file mostly say the same.
  for (const info of new Map(findings.go.map((found) => [found.modules, found])).values())
    addGoModules(builder, info, path)
  for (const audit of findings.rust) addCrates(builder, audit, path)
  for (const document of findings.documents) addDescribed(builder, document.bom, document.path)
  if (findings.go.length + findings.rust.length + findings.documents.length === 0) {
    builder.incomplete(builder.root.ref, 'unknown')
    builder.warn(`what it is made of is not written into it: ${concealment(images)}; inconclusive`, { path })
  }
  const { projects, problems: more } = oneProject(builder)
  return { projects, problems: [...problems, ...more] }
}

function findingsOf(
  path: string,
  files: ProjectFiles,
  images: readonly BinaryImage[],
  problems: ReadProblem[],
): Findings {
  const guarded = <T>(from: string, work: () => T | undefined): readonly T[] => {
    try {
      const found = work()
      return found === undefined ? [] : [found]
    } catch (error) {
      problems.push(problemOf(from, error))
      return []
    }
  }
  const go = images.flatMap((image) => goBuildInfo(image) ?? [])
  const rust = images.flatMap((image) => guarded(path, () => rustAudit(image)))
  let left = MAX_SBOM_BYTES
  const inside = images.flatMap((image) =>
    guarded(path, () => {
      const text = sbomInside(image, Math.max(left, 1))
      if (text === undefined) return undefined
      left -= text.length
      return { bom: parseBom(text), path }
    }),
  )
  if (go.length + rust.length + inside.length + problems.length > 0) return { go, rust, documents: inside }
  // Only then: what lies beside it says less surely what is in it.
  const beside = sbomBeside(path, files)
  const documents =
    beside === undefined
      ? []
      : guarded(beside, () => {
          const text = files.text(beside)
          return text === undefined ? undefined : { bom: parseBom(text), path: beside }
        })
  return { go, rust, documents }
}

function rootOf(path: string, bytes: Uint8Array, { go, rust, documents }: Findings): Component {
  const [info] = go
  const [audit] = rust
  const [document] = documents
  const said: Partial<Component> = {
    ...(document === undefined ? {} : describedProgram(document.bom)),
    ...(audit === undefined ? {} : { name: audit.root.name, version: audit.root.version }),
    ...(info === undefined ? {} : goProgram(info)),
  }
  return {
    name: nameOf(path),
    ...said,
    ref: `path:${path}`,
    type: 'application',
    origin: 'binary',
    scope: 'required',
    // Of the file that was read, whatever a document says of it.
    hashes: [{ algorithm: 'sha256', value: toHex(sha256(bytes)) }],
    occurrences: [{ path }],
  }
}
