/** A key that this page holds: it signs as wallets do, in both modes. */
import { encodeSecp256k1Signature, rawSecp256k1PubkeyToRawAddress } from '@cosmjs/amino'
import type { AminoSignResponse, OfflineAminoSigner, StdSignature, StdSignDoc } from '@cosmjs/amino'
import { Bip39, EnglishMnemonic, Secp256k1, sha256, Slip10, Slip10Curve, stringToPath } from '@cosmjs/crypto'
import { toBech32, toUtf8 } from '@cosmjs/encoding'
import { makeSignBytes, type AccountData, type DirectSignResponse, type OfflineDirectSigner } from '@cosmjs/proto-signing'
import { canonicalJson } from '../chain/amino'

/** Where wallets and Ledgers look for the first account. */
const hdPath = "m/44'/118'/0'/0/0"

/** How a transaction is signed: over its bytes, or over JSON as Ledgers do. */
export type SignMode = 'direct' | 'amino'

export class LocalSigner {
  private constructor(
    private readonly privateKey: Uint8Array,
    readonly publicKey: Uint8Array,
    readonly address: string,
  ) {}

  /** Throws when the words are not those of BIP-39 with a right checksum. */
  static async fromMnemonic(mnemonic: string, prefix: string): Promise<LocalSigner> {
    const seed = await Bip39.mnemonicToSeed(new EnglishMnemonic(normalized(mnemonic)))
    const { privkey } = Slip10.derivePath(Slip10Curve.Secp256k1, seed, stringToPath(hdPath))
    return LocalSigner.fromPrivateKey(privkey, prefix)
  }

  static async fromPrivateKey(privateKey: Uint8Array, prefix: string): Promise<LocalSigner> {
    const { pubkey } = Secp256k1.makeKeypair(privateKey)
    const publicKey = Secp256k1.compressPubkey(pubkey)
    return new LocalSigner(privateKey, publicKey, toBech32(prefix, rawSecp256k1PubkeyToRawAddress(publicKey)))
  }

  /** Overwrites the key. Copies that the engine made are out of reach. */
  forget(): void {
    this.privateKey.fill(0)
  }

  offline(mode: 'direct'): OfflineDirectSigner
  offline(mode: 'amino'): OfflineAminoSigner
  offline(mode: SignMode): OfflineDirectSigner | OfflineAminoSigner
  offline(mode: SignMode): OfflineDirectSigner | OfflineAminoSigner {
    const accounts: AccountData[] = [{ address: this.address, algo: 'secp256k1', pubkey: this.publicKey }]
    const getAccounts = async () => accounts as never
    if (mode === 'amino') return { getAccounts, signAmino: (_, doc) => this.signAmino(doc) }
    return {
      getAccounts,
      signDirect: async (_, doc): Promise<DirectSignResponse> => ({ signed: doc, signature: await this.sign(makeSignBytes(doc)) }),
    }
  }

  async signAmino(doc: StdSignDoc): Promise<AminoSignResponse> {
    return { signed: doc, signature: await this.sign(toUtf8(canonicalJson(doc))) }
  }

  private async sign(bytes: Uint8Array): Promise<StdSignature> {
    const signature = await Secp256k1.createSignature(sha256(bytes), this.privateKey)
    return encodeSecp256k1Signature(this.publicKey, new Uint8Array([...signature.r(32), ...signature.s(32)]))
  }
}

/** Words in lower case with one space between. */
export function normalized(mnemonic: string): string {
  return mnemonic.normalize('NFKD').toLowerCase().trim().split(/\s+/).join(' ')
}
