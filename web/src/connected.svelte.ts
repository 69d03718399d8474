/** The account that is connected, for pages that work without one too. */
interface Account {
  address: string
  name: string
  kind: 'keplr' | 'local'
}

let account = $state<Account | null>(null)
let asked = false

/** The connected account. The wallet's code is loaded only once somebody asks. */
export function connected(): Account | null {
  if (!asked) {
    asked = true
    void import('./wallet').then(({ wallet }) => {
      wallet.subscribe((found) => (account = found?.address ? found : null))
    })
  }
  return account
}
