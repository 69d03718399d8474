package types

// NewEventSubmitted tells of a sample that is new.
func NewEventSubmitted(sha256 []byte, sample Sample) *EventSubmitted {
	return &EventSubmitted{
		Sha256:      sha256,
		Kind:        sample.Kind,
		Contributor: sample.Contributor,
		Gateway:     sample.Gateway,
	}
}

// NewEventContributorReplaced tells of an earlier claim that beat a submission.
func NewEventContributorReplaced(sha256 []byte, previous, contributor string) *EventContributorReplaced {
	return &EventContributorReplaced{Sha256: sha256, Previous: previous, Contributor: contributor}
}

// NewEventClaimed tells how many claims of a message were new.
func NewEventClaimed(claimant string, claims uint32) *EventClaimed {
	return &EventClaimed{Claimant: claimant, Claims: claims}
}

// NewEventRescanRequested tells of a paid rescan.
func NewEventRescanRequested(sha256 []byte, requester string) *EventRescanRequested {
	return &EventRescanRequested{Sha256: sha256, Requester: requester}
}

// NewEventBlocked tells of a take-down and its reason.
func NewEventBlocked(sha256 []byte, reason string) *EventBlocked {
	return &EventBlocked{Sha256: sha256, Reason: reason}
}

// NewEventExpired tells of a record that was dropped.
func NewEventExpired(sha256 []byte) *EventExpired {
	return &EventExpired{Sha256: sha256}
}

// NewEventChallenged tells of the chunk that a supernode is asked for.
func NewEventChallenged(challenge Challenge) *EventChallenged {
	return &EventChallenged{
		Epoch:          challenge.Epoch,
		Operator:       challenge.Operator,
		Index:          challenge.Index,
		Sha256:         challenge.Sha256,
		Chunk:          challenge.Chunk,
		DeadlineHeight: challenge.DeadlineHeight,
	}
}

// NewEventStorageProved tells of a challenge that was answered.
func NewEventStorageProved(challenge Challenge) *EventStorageProved {
	return &EventStorageProved{Epoch: challenge.Epoch, Operator: challenge.Operator, Index: challenge.Index}
}

// NewEventStorageMissed tells of a challenge that was not answered in time.
func NewEventStorageMissed(challenge Challenge) *EventStorageMissed {
	return &EventStorageMissed{Epoch: challenge.Epoch, Operator: challenge.Operator, Index: challenge.Index}
}
