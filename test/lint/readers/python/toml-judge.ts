/** Python's own TOML parser, as the other opinion on what a lockfile holds. */
import { spawnSync } from 'node:child_process'

/** False, with a printed reason, where there is no Python 3.11 or later. */
export function hasTomlJudge(): boolean {
  const { status, error, stderr } = run('import tomllib')
  if (status === 0) return true
  process.stdout.write(`skipped: python3 with tomllib does not run: ${error?.message ?? stderr}\n`)
  return false
}

/** Runs a Python expression over a TOML file, which it sees as `d`; `norm` normalises names as PEP 503 says. */
export function judgedByPython(path: string, expression: string): unknown {
  const { status, stdout, stderr } = run(
    `import json, re, sys, tomllib
d = tomllib.load(open(sys.argv[1], 'rb'))
norm = lambda name: re.sub(r'[-_.]+', '-', name).lower()
print(json.dumps(${expression}))`,
    path,
  )
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

function run(program: string, ...args: readonly string[]) {
  return spawnSync('python3', ['-c', program, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 })
}
