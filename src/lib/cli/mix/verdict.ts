/** Judgements of privacy, as lines for people and as a document for programs. */
import { rounded } from '../../bench/index.ts'
import type { Control, Judgement, Verdict } from '../../mix/analysis/index.ts'

export function verdictDocument({
  passed,
  judgements,
  unjudged,
}: Verdict): Readonly<Record<string, unknown>> {
  return { passed, tests: judgements.map(testDocument), not_tested: unjudged }
}

function testDocument({ test, title, demand, passed, values, control }: Judgement): object {
  return { test, title, passed, demand, values, control: { ...control, noticed: !control.passed } }
}

export function verdictText({ passed, judgements, unjudged }: Verdict): string {
  const count = judgements.length
  return [
    ...judgements.flatMap(testLines),
    ...unjudged.map(({ test, title, reason }) => `${test.padEnd(4)}not tested  ${title}: ${reason}`),
    passed ? `all ${count} tests passed, and each noticed its bad traffic` : 'NOT PASSED',
  ].join('\n')
}

function testLines({ test, title, demand, passed, values, control }: Judgement): string[] {
  return [
    `${test.padEnd(4)}${passed ? 'pass' : 'FAIL'}  ${title}: ${demand}`,
    `          ${valuesText(values)}`,
    `    ${noticed(control)}  ${control.name}: ${valuesText(control.values)}`,
  ]
}

function noticed({ passed }: Control): string {
  return passed ? 'NOT NOTICED' : 'noticed'
}

function valuesText(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${rounded(value)}`)
    .join(' ')
}
