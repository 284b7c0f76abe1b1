/** The workflow that the README shows, and the action behind it, run here step by step. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { REPOSITORY, temporaryFolder } from '../support/aiv.ts'
import { runWorkflow, type WorkflowRun } from '../support/workflow-runner.ts'

const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')
const [, WORKFLOW = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(readme) ?? []
const USES = 'aivillage/aivillage@v0.1.0'

let workspace: string
beforeEach(() => {
  workspace = temporaryFolder()
})

function writeLock(license: string): void {
  const lock = {
    name: 'shop',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'shop', version: '1.0.0', dependencies: { ms: '*' } },
      'node_modules/ms': { version: '2.1.3', license, integrity: `sha512-${'A'.repeat(86)}==` },
    },
  }
  writeFileSync(join(workspace, 'package-lock.json'), JSON.stringify(lock))
}

interface Ran extends WorkflowRun {
  /** Actions of others, with their inputs. */
  readonly others: readonly string[]
}

function run(workflow: string): Ran {
  const others: string[] = []
  const ran = runWorkflow(workflow, {
    workspace,
    temp: join(temporaryFolder(), 'runner'),
    actions: { [USES]: REPOSITORY },
    others(uses, inputs) {
      others.push(uses)
      for (const [key, value] of Object.entries(inputs))
        if (/path|file/.test(key) && !existsSync(join(workspace, value)))
          throw new Error(`${uses} finds no ${value}`)
    },
    environment: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
  })
  return { ...ran, others }
}

function codes({ steps }: Ran): readonly number[] {
  return steps.map(({ code }) => code)
}

function withInputs(inputs: Readonly<Record<string, string>>): string {
  return JSON.stringify({ jobs: { sbom: { steps: [{ uses: USES, with: inputs }] } } })
}

describe('the workflow of the README', () => {
  it('writes the documents and the findings that its later steps take', () => {
    writeLock('MIT')
    const ran = run(WORKFLOW)
    expect(codes(ran), JSON.stringify(ran.steps, null, 2)).toEqual([0, 0, 0, 0, 0])
    expect(ran.others).toEqual([
      'actions/checkout@v4',
      'github/codeql-action/upload-sarif@v3',
      'actions/upload-artifact@v4',
    ])
    const read = (name: string): unknown => JSON.parse(readFileSync(join(workspace, name), 'utf8'))
    expect(read('sbom.spdx.json')).toMatchObject({ spdxVersion: 'SPDX-2.3', name: 'shop@1.0.0' })
    expect(read('sbom.cdx.json')).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' })
    expect(read('sbom.sarif')).toMatchObject({ version: '2.1.0' })
    expect(ran.summary).toMatch(/Score of `sbom\.spdx\.json`[\s\S]*grade/)
  })

  it('fails where a license is denied', () => {
    writeLock('AGPL-3.0-or-later')
    const ran = run(WORKFLOW)
    expect(codes(ran)).toEqual([0, 0, 0, 0, 1])
    expect(ran.steps.at(-1)?.text).toContain('AGPL-3.0-or-later')
  })

  it('gives the findings to code scanning even where a step failed', () => {
    writeLock('AGPL-3.0-or-later')
    expect(run(WORKFLOW).others).toContain('github/codeql-action/upload-sarif@v3')
  })
})

describe('the action', () => {
  it('fails where a lockfile is broken, and names it', () => {
    writeFileSync(join(workspace, 'package-lock.json'), '{')
    const ran = run(withInputs({}))
    expect(codes(ran)).toEqual([0, 2])
    expect(ran.steps.at(-1)?.text).toContain('package-lock.json')
  })

  it('fails where a document scores less than the bound', () => {
    writeLock('MIT')
    const ran = run(withInputs({ 'min-score': '9.9' }))
    expect(codes(ran).at(-1)).toBe(1)
  })

  it('lets the settings of the workspace silence findings only where they are trusted', () => {
    writeLock('MIT')
    const judged = (inputs: Readonly<Record<string, string>>): number | undefined =>
      codes(run(withInputs({ 'fail-on': 'warning', ...inputs })))[2]
    expect(judged({})).toBe(1)
    writeFileSync(join(workspace, '.aiv-lint.yaml'), 'version: 1\nrules:\n  no-author: off\n')
    expect(judged({})).toBe(0)
    expect(judged({ settings: 'false' })).toBe(1)
  })

  it('takes inputs as text and never as a script', () => {
    writeLock('MIT')
    const evil = '$(touch pwned)`touch pwned`"; touch pwned; "'
    for (const inputs of [
      { path: evil },
      { supplier: evil },
      { exclude: evil },
      { 'fail-on': evil },
      { 'deny-licenses': evil },
      { output: `spdx-json=a.json\nspdx-json=${evil}` },
    ])
      run(withInputs(inputs))
    expect(existsSync(join(workspace, 'pwned'))).toBe(false)
  })

  it('lets the name of a file add no output of its own', () => {
    writeLock('MIT')
    const ran = run(withInputs({ output: 'spdx-json=a\u2028components=9' }))
    expect(codes(ran)[1]).toBe(0)
  })

  it('has a description for every input, and uses each of them', () => {
    const text = readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')
    const action = parse(text) as {
      readonly inputs: Readonly<Record<string, { readonly description: string }>>
    }
    for (const [name, { description }] of Object.entries(action.inputs)) {
      expect(description).toMatch(/\S/)
      expect(text).toContain(`inputs.${name}`)
    }
  })

  it('puts no input into a script', () => {
    const { runs } = parse(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')) as {
      readonly runs: { readonly steps: readonly { readonly run: string }[] }
    }
    for (const { run: script } of runs.steps) expect(script).not.toContain('${{')
  })
})

describe('the hooks for pre-commit', () => {
  it('run commands that there are', async () => {
    const hooks = parse(readFileSync(join(REPOSITORY, '.pre-commit-hooks.yaml'), 'utf8')) as readonly {
      readonly id: string
      readonly entry: string
      readonly files: string
    }[]
    expect(hooks.map(({ id }) => id)).toEqual(['aiv-lint-sbom', 'aiv-lint-licenses'])
    for (const { entry, files } of hooks) {
      expect(entry).toMatch(/^aiv lint/)
      expect(() => new RegExp(files)).not.toThrow()
    }
  })
})
