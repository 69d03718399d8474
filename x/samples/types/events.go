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
