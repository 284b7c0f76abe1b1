import { AivCommand } from '../../lib/cli/index.ts'

export default class HtxSuites extends AivCommand {
  static override summary = 'list the handshakes and algorithms of HTX, and its compliance rows'
  static override description =
    `The handshakes by their number on the wire, the algorithms by object identifier, and for each row of the Betanet 1.1
compliance list that concerns HTX what is covered and which published vectors show it.`
  static override examples = ['<%= config.bin %> htx suites', '<%= config.bin %> htx suites --json']

  async run(): Promise<void> {
    await this.parse(HtxSuites)
    const { ALGORITHMS, COMPLIANCE, HANDSHAKE_SUITES } = await import('../../lib/htx/index.ts')
    const suites = HANDSHAKE_SUITES.map(({ id, protocol, hybrid, messages }) => ({
      id,
      protocol,
      hybrid,
      messages,
    }))
    this.out.answer({ suites, algorithms: ALGORITHMS, compliance: COMPLIANCE }, () =>
      [
        ...suites.map(({ id, protocol, hybrid }) => `${id}  ${protocol}${hybrid ? '  post-quantum' : ''}`),
        '',
        ...ALGORITHMS.map(({ name, oid, use }) => `${name.padEnd(18)} ${oid.padEnd(27)} ${use}`),
        '',
        ...COMPLIANCE.map(({ id, state, remark }) => `${id.padEnd(9)} ${state.padEnd(8)} ${remark}`),
      ].join('\n'),
    )
  }
}
