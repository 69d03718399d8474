package gateway

import "github.com/virusmap/virusmap/supernode/api/nodev1"

// consentVersion changes with the text, so that nobody is bound to another one than he read.
const consentVersion = 1

// consentText is what a person agrees to by uploading, by language.
var consentText = map[string]string{
	"en": "What you upload is encrypted and stored by this network of supernodes. Its supernodes open it to scan it, and others may buy " +
		"it for security research. Its hash, its size and what the engines say of it are written to a public chain and cannot be " +
		"removed from there. Do not upload anything that holds personal data or that you have no right to share.",
	"zh": "您上传的内容会被加密并由本网络的超级节点存储。超级节点会解密并扫描它，其他人可以为安全研究购买它。" +
		"其哈希值、大小以及各引擎的判定会写入公共区块链，且无法从中删除。请勿上传含有个人数据或您无权分享的内容。",
}

func consent() *nodev1.Consent {
	return &nodev1.Consent{Version: consentVersion, Text: consentText}
}
