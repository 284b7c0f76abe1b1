/** The audit of mixes, as `aiv mix delay audit` runs and prints it. */
import { AivError, toHex } from '../../core/index.ts'
import { loadEcvrf } from '../../crypto/index.ts'
import type { AuditFault, DelayAudit, MixAudit, ShareTest } from '../../mix/delay/index.ts'

export interface AuditRequest {
  /** Bytes of the directory document. */
  readonly directory: Uint8Array
  /** Ed25519 keys, all of which must have signed the directory; none for a file that is trusted as it is. */
  readonly authorities: readonly Uint8Array[]
  readonly reveals: readonly AsyncIterable<Uint8Array>[]
  /** Bytes of the file of loops. */
  readonly loops: Uint8Array
  readonly slackUs: number
}

export interface AuditAnswer {
  /** Of all mixes together. */
  readonly verdict: MixAudit['verdict']
  readonly document: Readonly<Record<string, unknown>>
  readonly text: string
}

/** @throws AivError `E_AUTHENTICATION` for a directory that the authorities did not sign, and what `auditDelays` throws */
export async function auditReveals(request: AuditRequest): Promise<AuditAnswer> {
  const { parseDirectory, verifyDirectory } = await import('../../mix/directory/index.ts')
  const { auditDelays, auditedMixes, parseLoops } = await import('../../mix/delay/index.ts')
  const { authorities, reveals, slackUs } = request
  const directory = parseDirectory(request.directory)
  // The epoch is over: what counts is whether the directory was good when it began.
  const trust = { authorities, threshold: authorities.length }
  const [problem] = verifyDirectory(directory, trust, directory.validFrom).problems
  if (problem !== undefined)
    throw new AivError('E_AUTHENTICATION', `the directory is not to be used: ${problem}`)
  const loops = parseLoops(request.loops)
  const mixes = auditedMixes(directory)
  const audit = await auditDelays({ vrf: await loadEcvrf(), mixes, reveals, loops, slackUs })
  const verdict = verdictOf(audit)
  return {
    verdict,
    document: { epoch: directory.epoch, verdict, ...documentOf(audit), slack_us: slackUs },
    text: [`${verdict}, epoch ${directory.epoch}`, ...linesOf(audit)].join('\n'),
  }
}

function verdictOf({ mixes }: DelayAudit): MixAudit['verdict'] {
  const verdicts = mixes.map(({ verdict }) => verdict)
  if (verdicts.includes('dishonest')) return 'dishonest'
  return verdicts.includes('undecided') ? 'undecided' : 'honest'
}

function documentOf({ mixes, loops, returned, measured, residual }: DelayAudit): object {
  return {
    loops,
    returned,
    measured,
    residual: residual === undefined ? null : { median_us: residual.medianUs, p95_us: residual.p95Us },
    mixes: mixes.map((each) => ({
      node: each.mix.node,
      verdict: each.verdict,
      faults: each.faults,
      lines: each.lines,
      returned: each.returned,
      law: each.law ?? null,
      late: each.loops?.late ?? null,
      early: each.loops?.early ?? null,
    })),
  }
}

const FAULT_TEXTS: Readonly<Record<AuditFault, string>> = {
  signature: 'the mix did not sign this document',
  seed: 'the seed is not the one that the mix had to use',
  order: 'lines are out of order, or there twice',
  list: 'lines are missing or changed: the root is another',
  missing_line: 'loops went through it and have no line',
  unreadable_line: 'lines do not open',
  wrong_delay: 'lines name another delay than the seed gives',
  impossible_times: 'lines say themselves that packets left too early',
  law: 'delays do not follow the exponential law',
  late: 'loops were held longer than they had to be',
  early: 'loops came sooner than their delays allow',
}

function* linesOf({ mixes, loops, returned, measured, residual }: DelayAudit): Generator<string> {
  const beside =
    residual &&
    `; beside links and delays they took ${milliseconds(residual.medianUs)}, in 95 % up to ${milliseconds(residual.p95Us)}`
  yield `${loops} loops, ${returned} came back, ${measured} of them measured${beside ?? ''}`
  for (const { mix, verdict, faults, lines, law, loops: judged } of mixes) {
    yield ''
    yield `mix ${toHex(mix.node)}: ${verdict}`
    for (const { fault, count } of faults) yield `  ${FAULT_TEXTS[fault]} (${count})`
    yield `  lines  ${lines}`
    if (law !== undefined) yield `  law    distance ${law.distance.toFixed(4)}, p ${law.p.toPrecision(2)}`
    if (judged === undefined) continue
    yield `  late   ${shareText(judged.late)}`
    yield `  early  ${shareText(judged.early)}`
  }
}

function shareText({ count, of, p }: ShareTest): string {
  return `${count} of ${of}, p ${p.toPrecision(2)}`
}

function milliseconds(us: number): string {
  return `${(us / 1_000).toFixed(1)} ms`
}
