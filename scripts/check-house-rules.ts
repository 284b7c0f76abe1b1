/** Rules of the house that neither the compiler nor the linter knows. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSources, withoutComments } from './sources.ts'

interface Rule {
  readonly pattern: RegExp
  readonly reason: string
  /** Where it applies. */
  readonly scope: RegExp
  readonly except?: RegExp
  /** Also look into comments. */
  readonly comments?: boolean
}

const RULES: readonly Rule[] = [
  {
    pattern: /\bMath\.random\(/,
    reason: 'randomness is a RandomSource',
    scope: /^src\//,
  },
  {
    pattern: /\b(?:Date\.now|performance\.now|process\.hrtime)\b|\bnew Date\(\)/,
    reason: 'time is a Clock',
    scope: /^src\//,
    except: /^src\/lib\/core\/clock\.ts$/,
  },
  {
    pattern: /\bconsole\.\w+\(/,
    reason: 'commands print through their Output',
    scope: /^src\//,
  },
  {
    pattern: /\bcrypto\.(?:subtle|getRandomValues|randomUUID)\b/,
    reason: 'primitives come from src/lib/crypto',
    scope: /^src\//,
    except: /^src\/lib\/crypto\//,
  },
  {
    pattern: /:\s*any\b|\bas any\b|<any>|@ts-ignore|@ts-nocheck|@ts-expect-error|biome-ignore|eslint-disable/,
    reason: 'no way around the type checker or the linter',
    scope: /^src\//,
    comments: true,
  },
  {
    pattern: /\b(?:it|test|describe)\.(?:only|skip|todo)\(/,
    reason: 'a test that does not run proves nothing',
    scope: /^test\//,
  },
]

/** Folders of one build machine; brackets keep the pattern from finding itself. */
const MACHINE_PATH = /(?<![\w.])\/(?:wor[k]|roo[t]|home\/\w+|tm[p]\/bash_job[s])\//

const REGISTRY_HOST = /"resolved":\s*"https?:|registry\.npmj[s]/

const GRAB_BAG = /\/(?:utils?|helpers?|common|misc)\.tsx?$/

const TEXT_FILES =
  '{*.md,*.json,*.ts,.npmrc,.gitignore,.ci/*,bin/**,docs/**,src/**/*.ts,test/**/*.ts,scripts/**,bench/**/*.{ts,md,json}}'

/** One line for each breach. */
export function houseRuleProblems(root: string): string[] {
  return [...codeProblems(root), ...pathProblems(root), ...lockfileProblems(root)]
}

function codeProblems(root: string): string[] {
  return readSources(root, ['src', 'test']).flatMap(({ path, text }) => {
    const problems = GRAB_BAG.test(path) ? [`${path}: a file is named for its subject`] : []
    const code = withoutComments(text)
    for (const { pattern, reason, scope, except, comments } of RULES) {
      if (!scope.test(path) || except?.test(path) === true) continue
      const line = firstLine(comments === true ? text : code, pattern)
      if (line !== undefined) problems.push(`${path}:${line}: ${reason}`)
    }
    return problems
  })
}

function pathProblems(root: string): string[] {
  return globSync(TEXT_FILES, { cwd: root, exclude: (name) => name === 'node_modules' })
    .filter((path) => /\.[a-z]+$|\.ci/.test(path))
    .flatMap((path) => {
      const line = firstLine(readFileSync(join(root, path), 'utf8'), MACHINE_PATH)
      return line === undefined ? [] : [`${path}:${line}: names a folder of one machine`]
    })
}

function lockfileProblems(root: string): string[] {
  const path = join(root, 'package-lock.json')
  if (!existsSync(path)) return ['package-lock.json is missing']
  const line = firstLine(readFileSync(path, 'utf8'), REGISTRY_HOST)
  return line === undefined ? [] : [`package-lock.json:${line}: names a registry host`]
}

/** Number of the first line that matches, from 1. */
function firstLine(text: string, pattern: RegExp): number | undefined {
  const index = text.split('\n').findIndex((line) => pattern.test(line))
  return index === -1 ? undefined : index + 1
}
