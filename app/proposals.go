package app

import (
	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// boundedProposals refuses a proposed block that holds bytes which are no
// transaction or that asks for more gas than a block may use. The SDK's handler
// accepts anything when the mempool is CometBFT's, and there is no block gas meter
// that would stop such a block later. Bytes that do not decode must stay out for one
// more reason: the SDK's two executors report different gas for them, and the gas of
// every transaction is part of what validators agree on.
func boundedProposals(decode sdk.TxDecoder) sdk.ProcessProposalHandler {
	reject := &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}
	accept := &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}
	return func(ctx sdk.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
		block := ctx.ConsensusParams().Block
		limited := block != nil && block.MaxGas > 0
		var left uint64
		if limited {
			left = uint64(block.MaxGas)
		}
		for _, bz := range req.Txs {
			tx, err := decode(bz)
			if err != nil {
				return reject, nil
			}
			gasTx, ok := tx.(sdk.GasTx)
			if !ok {
				return reject, nil
			}
			if gas := gasTx.GetGas(); limited {
				if gas > left {
					return reject, nil
				}
				left -= gas
			}
		}
		return accept, nil
	}
}
