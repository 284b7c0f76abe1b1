import { describe, expect, it } from 'vitest'
import { layeringProblems } from '../../scripts/check-layering.ts'
import { REPOSITORY } from '../support/aiv.ts'
import { fixtureTree } from './fixture-tree.ts'

describe('the layering check refuses', () => {
  it.each([
    [
      'an import to the right',
      'src/lib/core/a.ts',
      "import { x } from '../crypto/index.ts'",
      'core may not know crypto',
    ],
    [
      'an import between neighbours',
      'src/lib/link/a.ts',
      "import { x } from '../storage/index.ts'",
      'may not know',
    ],
    [
      'a type from the right',
      'src/lib/core/a.ts',
      "import type { X } from '../htx/index.ts'",
      'may not know htx',
    ],
    [
      'a re-export from the right',
      'src/lib/core/a.ts',
      "export * from '../htx/index.ts'",
      'may not know htx',
    ],
    [
      'a lazy import to the right',
      'src/lib/core/a.ts',
      "await import('../cli/index.ts')",
      'may not know cli',
    ],
    [
      'an import past the index',
      'src/lib/htx/a.ts',
      "import { x } from '../core/bytes.ts'",
      'is inside core',
    ],
    [
      'a command past the index',
      'src/commands/a.ts',
      "import { x } from '../lib/core/bytes.ts'",
      'is inside core',
    ],
    [
      'an eager import of a lazy entry',
      'src/lib/lint/a.ts',
      "import { x } from '../noise/vectors.ts'",
      'on demand',
    ],
    [
      'node:crypto elsewhere',
      'src/lib/htx/a.ts',
      "import { hash } from 'node:crypto'",
      'for src/lib/crypto alone',
    ],
    ['@noble elsewhere', 'src/commands/a.ts', "import { sha256 } from '@noble/hashes/sha2.js'", 'alone'],
    ['lazy @noble elsewhere', 'src/lib/htx/a.ts', "await import('@noble/curves/ed25519.js')", 'alone'],
    [
      'the library knowing a command',
      'src/lib/cli/a.ts',
      "import '../../commands/demo.ts'",
      'knows no command',
    ],
    ['an area without a place', 'src/lib/misplaced/a.ts', "import { x } from '../core/index.ts'", 'no place'],
    ['a missing extension', 'src/lib/htx/a.ts', "import { x } from './b.js'", 'no .ts extension'],
    [
      'several lines',
      'src/lib/core/a.ts',
      "import {\n  x,\n  type Y,\n} from '../htx/index.ts'",
      'may not know htx',
    ],
  ])('%s', (_name, path, code, problem) => {
    const problems = layeringProblems(fixtureTree({ [path]: `${code}\n` }))
    expect(problems).toEqual([expect.stringContaining(problem)])
    expect(problems[0]).toMatch(new RegExp(`^${path}: `))
  })
})

describe('the layering check allows', () => {
  it.each([
    ['an import to the left through the index', 'src/lib/htx/a.ts', "import { x } from '../core/index.ts'"],
    [
      'what the commands of a topic share',
      'src/commands/htx/a.ts',
      "import { x } from '../../lib/cli/htx/flags.ts'",
    ],
    ['an import within the area', 'src/lib/htx/session/a.ts', "import { x } from '../frames/index.ts'"],
    ['a lazy entry on demand', 'src/lib/lint/a.ts', "await import('../noise/vectors.ts')"],
    ['the type of a lazy entry', 'src/commands/a.ts', "import type { X } from '../lib/htx/bench/index.ts'"],
    ['node:crypto in crypto', 'src/lib/crypto/node/a.ts', "import { hash } from 'node:crypto'"],
    ['a light entry', 'src/lib/lint/a.ts', "import { sha256 } from '../crypto/digest.ts'"],
    ['the library index', 'src/lib/index.ts', "export * from './htx/index.ts'"],
    ['a comment about an import', 'src/lib/core/a.ts', "// import { x } from '../htx/index.ts'"],
  ])('%s', (_name, path, code) => {
    expect(layeringProblems(fixtureTree({ [path]: `${code}\n` }))).toEqual([])
  })
})

it('this repository keeps its layers', () => {
  expect(layeringProblems(REPOSITORY)).toEqual([])
})
