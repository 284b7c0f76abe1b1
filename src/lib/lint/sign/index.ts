export { fromJwk } from './jsf.ts'
export { ENVELOPE_SUFFIX, signBom, signsInside } from './sign-bom.ts'
export type { BomSigner, TrustedSigner, Verification } from './signer.ts'
export { verifyBom } from './verify-bom.ts'
