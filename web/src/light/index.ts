export interface Config {
  rpc: string[]
  chainId: string
  trust: { height: number; hash: string; periodSeconds: number }
}

export interface Claim {
  name: string
  ok: boolean
  detail: string
}

export interface Result {
  ok: boolean
  claims: Claim[]
  unproved: string[]
  height: number
}

export function verifyReport(_config: Config, _report: unknown, _onClaim: (claim: Claim) => void): Promise<Result> {
  return Promise.reject(new Error('this build has no light client'))
}
