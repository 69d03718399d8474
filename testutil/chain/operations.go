package chaintest

import (
	"crypto/sha256"
	"fmt"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// operations are what a simulation picks from. One that stands twice is picked twice
// as often.
var operations = []struct {
	name string
	txs  func(*Simulation) [][]byte
}{
	{"send", one((*Simulation).send)},
	{"garbage", one((*Simulation).garbage)},
	{"register", one((*Simulation).register)},
	{"edit", one((*Simulation).edit)},
	{"add bond", one((*Simulation).addBond)},
	{"retire", one((*Simulation).retire)},
	{"publish vault key", one((*Simulation).publishVaultKey)},
	{"publish vault key", one((*Simulation).publishVaultKey)},
	{"submit", one((*Simulation).submit)},
	{"submit", one((*Simulation).submit)},
	{"submit", one((*Simulation).submit)},
	{"claim", one((*Simulation).claim)},
	{"rescan", one((*Simulation).rescan)},
	{"block sample", one((*Simulation).blockSample)},
	{"update params", one((*Simulation).updateParams)},
	{"register engine", one((*Simulation).registerEngine)},
	{"register engine", one((*Simulation).registerEngine)},
	{"retire engine", one((*Simulation).retireEngine)},
	{"commit", (*Simulation).commits},
	{"commit", (*Simulation).commits},
	{"commit", (*Simulation).commits},
	{"reveal", (*Simulation).reveals},
	{"reveal", (*Simulation).reveals},
	{"reveal", (*Simulation).reveals},
	{"delegate", one((*Simulation).delegate)},
	{"delegate", one((*Simulation).delegate)},
	{"undelegate", one((*Simulation).undelegate)},
	{"redelegate", one((*Simulation).redelegate)},
	{"set commission", one((*Simulation).setCommission)},
	{"fund rewards", one((*Simulation).fundRewards)},
	{"withdraw rewards", one((*Simulation).withdrawRewards)},
	{"withdraw commission", one((*Simulation).withdrawCommission)},
	{"unjail", one((*Simulation).unjail)},
	{"report vault key", one((*Simulation).reportVaultKey)},
	{"appeal", one((*Simulation).appeal)},
	{"escalate appeal", one((*Simulation).escalateAppeal)},
	{"escalate appeal", one((*Simulation).escalateAppeal)},
	{"prove storage", (*Simulation).proveStorage},
	{"prove storage", (*Simulation).proveStorage},
	{"post bounty", one((*Simulation).postBounty)},
	{"post bounty", one((*Simulation).postBounty)},
	{"top up bounty", one((*Simulation).topUpBounty)},
	{"order samples", one((*Simulation).orderSamples)},
	{"order samples", one((*Simulation).orderSamples)},
	{"order samples", one((*Simulation).orderSamples)},
	{"order bundle", one((*Simulation).orderBundle)},
	{"deliver keys", (*Simulation).deliverKeys},
	{"deliver keys", (*Simulation).deliverKeys},
	{"deliver keys", (*Simulation).deliverKeys},
	{"settle orders", one((*Simulation).settleOrders)},
	{"dispute key", one((*Simulation).disputeKey)},
	{"dispute key", one((*Simulation).disputeKey)},
	{"create bundle", one((*Simulation).createBundle)},
	{"subscribe", one((*Simulation).subscribe)},
	{"subscribe", one((*Simulation).subscribe)},
	{"cancel subscription", one((*Simulation).cancelSubscription)},
	{"revoke API keys", one((*Simulation).revokeAPIKeys)},
	{"claim royalties", one((*Simulation).claimRoyalties)},
	{"create tranche", one((*Simulation).createTranche)},
	{"buy tokens", one((*Simulation).buyTokens)},
	{"buy tokens", one((*Simulation).buyTokens)},
	{"update market params", one((*Simulation).updateMarketParams)},
}

func one(tx func(*Simulation) []byte) func(*Simulation) [][]byte {
	return func(s *Simulation) [][]byte { return [][]byte{tx(s)} }
}

func (s *Simulation) coin(limit int64) sdk.Coin {
	return sdk.NewInt64Coin(app.Denom, 1+s.rand.Int63n(limit))
}

// send also tries to pay derived accounts, which must not confuse anybody's books.
func (s *Simulation) send() []byte {
	from, to := s.account(), s.account().Address
	switch s.rand.Intn(11) {
	case 0:
		to = samplestypes.DepositAddress(s.account().Address)
	case 1:
		to = supernodetypes.BondAddress(s.node().Operator.Address)
	case 2:
		to = supernodetypes.PoolAddress(s.node().Operator.Address)
	case 3:
		to = supernodetypes.RewardsAddress(s.node().Operator.Address)
	case 4:
		to = bountytypes.EscrowAddress(s.runningBounty())
	case 5:
		to = markettypes.EscrowAddress(s.order(runs).Id)
	case 6:
		to = markettypes.PlanAddress(s.subscription())
	case 7:
		to = markettypes.PoolAddress(s.pool())
	case 8:
		to = markettypes.TrancheAddress(s.tranche().Id)
	}
	limit := int64(1_000_000)
	if s.rand.Intn(8) == 0 {
		limit = 1 << 60 // more than there is
	}
	return s.sign(from, banktypes.NewMsgSend(from.Address, to, sdk.NewCoins(s.coin(limit))))
}

// garbage is a transaction with some bytes changed.
func (s *Simulation) garbage() []byte {
	tx := s.send()
	for range 1 + s.rand.Intn(4) {
		tx[s.rand.Intn(len(tx))] ^= byte(1 + s.rand.Intn(255))
	}
	return tx
}

func (s *Simulation) register() []byte {
	node := s.node()
	bond := supernodetypes.DefaultParams().MinSelfBond
	if s.rand.Intn(4) == 0 {
		bond = s.coin(1_000_000) // too little
	} else {
		bond = bond.Add(s.coin(1_000_000_000))
	}
	return s.sign(node.Operator, &supernodetypes.MsgRegister{
		Operator: node.Operator.Address.String(), Profile: s.profile(node), SelfBond: bond,
	})
}

// profile is now and then one with the sidecar of another, or without a moniker.
func (s *Simulation) profile(node *Supernode) supernodetypes.Profile {
	profile := node.Profile(fmt.Sprintf("supernode %d", s.rand.Intn(100)))
	switch s.rand.Intn(8) {
	case 0:
		profile.Sidecar = s.node().Sidecar.Address.String()
	case 1:
		profile.Moniker = ""
	}
	return profile
}

func (s *Simulation) edit() []byte {
	node := s.node()
	return s.sign(node.Operator, &supernodetypes.MsgEdit{
		Operator: node.Operator.Address.String(), Profile: s.profile(node),
	})
}

func (s *Simulation) addBond() []byte {
	node := s.node()
	return s.sign(node.Operator, &supernodetypes.MsgAddBond{
		Operator: node.Operator.Address.String(), Amount: s.coin(1_000_000_000),
	})
}

// retire is tried by few, so that seats stay taken.
func (s *Simulation) retire() []byte {
	node := s.Supernodes[len(s.Supernodes)-1-s.rand.Intn(len(s.Supernodes)/2)]
	return s.sign(node.Operator, &supernodetypes.MsgRetire{Operator: node.Operator.Address.String()})
}

// publishVaultKey is tried by the seated in any rank, and by others.
func (s *Simulation) publishVaultKey() []byte {
	node := s.node()
	if seated := s.SeatedNodes(); len(seated) > 0 && s.rand.Intn(4) != 0 {
		node = seated[s.rand.Intn(len(seated))]
	}
	msg := s.VaultKey(node)
	if s.rand.Intn(8) == 0 && len(msg.Sealed) > 1 {
		msg.Sealed = msg.Sealed[1:] // leaves a seat without the key
	}
	s.epoch = msg.Epoch
	return s.sign(node.Sidecar, msg)
}

func (s *Simulation) submit() []byte {
	account := s.account()
	msg := &samplestypes.MsgSubmitSamples{Submitter: account.Address.String()}
	for range 1 + s.rand.Intn(10) {
		submission := Submission(s.content(), s.epoch)
		switch s.rand.Intn(24) {
		case 0:
			submission.Contributor = s.account().Address.String()
		case 1:
			submission.Sealing.SizeBytes++ // may be another ciphertext of a known sample
		case 2:
			submission.Sealing.VaultEpoch += uint64(s.rand.Intn(2))
		case 3:
			submission.Kind = samplestypes.Kind(s.rand.Intn(5))
		case 4:
			submission.Sealing.KeyCommitment = submission.Sealing.KeyCommitment[1:]
		}
		msg.Samples = append(msg.Samples, submission)
	}
	if len(s.claims) > 0 && s.rand.Intn(3) == 0 {
		opened := s.claims[s.rand.Intn(len(s.claims))]
		submission := Submission(opened.content, s.epoch)
		submission.ClaimSalt = opened.salt
		msg.Samples = append(msg.Samples[1:], submission)
	}
	return s.sign(account, msg)
}

func (s *Simulation) claim() []byte {
	account, content := s.account(), s.content()
	salt := sha256.Sum256(content)
	hash := sha256.Sum256(content)
	s.claims = append(s.claims, claim{content, salt[:]})
	hashes := [][]byte{samplestypes.ClaimHash(hash[:], account.Address, salt[:])}
	if s.rand.Intn(6) == 0 {
		hashes = append(hashes, salt[1:]) // too short
	}
	return s.sign(account, &samplestypes.MsgClaimSubmissions{Claimant: account.Address.String(), Hashes: hashes})
}

func (s *Simulation) hash() []byte {
	hash := sha256.Sum256(s.content())
	if len(s.samples) > 1 {
		hash = sha256.Sum256(s.samples[s.rand.Intn(len(s.samples))])
	}
	return hash[:]
}

func (s *Simulation) rescan() []byte {
	account := s.account()
	return s.sign(account, &samplestypes.MsgRequestRescan{Requester: account.Address.String(), Sha256: s.hash()})
}

// blockSample is tried by the authority and by others, now and then on a sample that
// waits to be delivered.
func (s *Simulation) blockSample() []byte {
	account, hash := s.Accounts[s.rand.Intn(2)], s.hash()
	if open := s.order(isOpen); s.rand.Intn(3) == 0 && len(open.Sha256) > 0 {
		hash = open.Sha256
	}
	return s.sign(account, &samplestypes.MsgBlockSample{
		Authority: account.Address.String(), Sha256: hash, Reason: "asked for by a court",
	})
}

// updateParams changes how long rounds take and how much they tally, also while some run.
func (s *Simulation) updateParams() []byte {
	account := s.Accounts[s.rand.Intn(2)]
	params, err := s.App.VerdictsKeeper.Params.Get(s.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	params.CommitWindowBlocks = uint32(s.rand.Intn(6)) // 0 is refused
	params.QuorumPpm = uint32(s.rand.Intn(1_000_000))
	return s.sign(account, &verdictstypes.MsgUpdateParams{Authority: account.Address.String(), Params: params})
}

func (s *Simulation) engine() string { return fmt.Sprintf("engine-%d", s.rand.Intn(3)) }

func (s *Simulation) registerEngine() []byte {
	node := s.node()
	return s.sign(node.Sidecar, node.RegisterEngine(s.engine()))
}

func (s *Simulation) retireEngine() []byte {
	node := s.node()
	return s.sign(node.Sidecar, &verdictstypes.MsgRetireEngine{
		Sidecar: node.Sidecar.Address.String(), Operator: node.Operator.Address.String(), Name: s.engine(),
	})
}

// Operations are the names of what a simulation does.
func Operations() []string {
	var names []string
	for _, operation := range operations {
		if !slices.Contains(names, operation.name) {
			names = append(names, operation.name)
		}
	}
	return names
}
