/**
 * The vector suite `spdx-expression`: texts that are expressions (`valid`) and that are none (`invalid`), pairs of a text
 * and how it is spelled (`canonical`), and expressions with a list of licenses that meets them (`returnTrue`) or does
 * not (`returnFalse`), as in jslicense/spdx-satisfies.
 */
import { AivError, runVectorChecks, type VectorCheck, type VectorSuite } from '../../core/index.ts'
import { array, field, parseJson, strings } from '../readers/parse/index.ts'
import { expressionOf, formatExpression, parseExpression } from './expression.ts'
import { isAccepted, licensePolicy } from './policy.ts'

export const spdxExpressionSuite: VectorSuite = {
  name: 'spdx-expression',
  async run({ path, content }) {
    return await runVectorChecks('spdx-expression', path, checksOf(content))
  },
}

function checksOf(content: string): readonly VectorCheck[] {
  try {
    const file = parseJson(content)
    const checks = [
      ...strings(field(file, 'valid')).map((text) => validCheck(text)),
      ...array(field(file, 'invalid')).map((text) => invalidCheck(String(text))),
      ...array(field(file, 'canonical')).map((pair) => canonicalCheck(pair)),
      ...array(field(file, 'returnTrue')).map((pair) => policyCheck(pair, true)),
      ...array(field(file, 'returnFalse')).map((pair) => policyCheck(pair, false)),
    ]
    if (checks.length === 0) throw new AivError('E_MALFORMED', 'the file holds no expressions')
    return checks
  } catch (error) {
    return [
      {
        id: 'file',
        run() {
          throw error
        },
      },
    ]
  }
}

/** What we write of an expression has to be one too, and the same. */
function validCheck(text: string): VectorCheck {
  return {
    id: text,
    run() {
      const written = formatExpression(parseExpression(text))
      const again = formatExpression(parseExpression(written))
      if (written !== again) throw new Error(`${written} becomes ${again}`)
    },
  }
}

/** We leave out parentheses that change nothing, others keep them. */
function canonicalCheck(pair: unknown): VectorCheck {
  const [text, expected] = array(pair).map(String)
  return {
    id: JSON.stringify(pair),
    run() {
      const written = formatExpression(parseExpression(text ?? ''))
      const [ours, theirs] = [written, expected ?? ''].map((spelling) => spelling.replace(/[()]/g, ''))
      if (ours !== theirs) throw new Error(`written as ${written}`)
    },
  }
}

function invalidCheck(text: string): VectorCheck {
  return {
    id: text,
    run() {
      if (expressionOf(text) !== undefined) throw new Error('accepted')
    },
  }
}

function policyCheck(pair: unknown, wanted: boolean): VectorCheck {
  const [text, allowed] = array(pair)
  return {
    id: JSON.stringify(pair),
    run() {
      const verdict = isAccepted(parseExpression(String(text)), licensePolicy(strings(allowed), []))
      if (verdict !== wanted) throw new Error(verdict ? 'accepted' : 'refused')
    },
  }
}
