package types

// SignDocOf is the document of any data and signer.
var SignDocOf = signDoc
