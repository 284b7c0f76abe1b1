/** Maven's own model builder as a judge (Debian: `maven` and a JDK). A test without it says so and does nothing. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { judge } from '../judge.ts'

const LIBRARIES = '/usr/share/maven/lib'

export interface EffectiveDependency {
  readonly name: string
  readonly version: string
  readonly type: string
  readonly classifier: string | undefined
  readonly scope: string
  readonly optional: boolean
}

export interface EffectiveModel {
  /** `group:artifact` */
  readonly name: string
  readonly version: string
  readonly dependencies: EffectiveDependency[]
}

export function mavenJudge(): boolean {
  const java = judge('javac') !== undefined
  if (!existsSync(LIBRARIES)) process.stdout.write('skipped: this machine has no Maven\n')
  return java && existsSync(LIBRARIES)
}

/**
 * @param files texts by path
 * @returns what Maven makes of each `pom.xml`, by its path
 */
export function effectiveModels(
  files: Readonly<Record<string, string>>,
): ReadonlyMap<string, EffectiveModel> {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-maven-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const program = join(import.meta.dirname, 'EffectiveModel.java')
    const output = execFileSync('java', ['-cp', `${LIBRARIES}/*`, program, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 120_000,
    })
    return parse(output)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function parse(output: string): ReadonlyMap<string, EffectiveModel> {
  const models = new Map<string, EffectiveModel>()
  for (const line of output.trim().split('\n')) {
    const [path = '', second = '', name = '', version = '', type = '', classifier, scope = '', optional] =
      line.split(' ')
    if (second !== '>') models.set(path, { name: second, version: name, dependencies: [] })
    else
      models.get(path)?.dependencies.push({
        name,
        version,
        type,
        classifier: classifier === 'null' ? undefined : classifier,
        scope,
        optional: optional === 'true',
      })
  }
  return models
}
