// Package consent holds the text that a person agrees to by an upload to the network.
package consent

// Version of the text. It is raised with every change of what the text says; which version
// was agreed to is kept with each submission.
const Version = 1

// Header names the version that a person agreed to.
const Header = "X-Virusmap-Consent"

// Text says what happens with an upload, by language (en, zh).
var Text = map[string]string{
	"en": "What you submit is stored encrypted by the supernodes of the network. Supernodes decrypt it to scan it, and pass it on " +
		"to the engines they run. Customers can buy it and read all of it. Its hash, its size, the account you name and the verdicts " +
		"are written to a public chain, from where nobody can take them back. Do not submit what is confidential or personal. " +
		"For such files there is the private lane: they stay on this supernode, encrypted, are scanned by its own engines alone, " +
		"are never sold or published, and are deleted after some days.",
	"zh": "您提交的内容将由网络中的超级节点加密存储。超级节点会解密内容以进行扫描，并将其交给所运行的检测引擎。" +
		"付费客户可以购买并读取其全部内容。其哈希值、大小、您填写的账户以及检测结果会写入公开的区块链，任何人都无法将其撤回。" +
		"请勿提交机密或个人信息。此类文件请使用私密通道：文件加密保存在本超级节点上，仅由本节点自己的引擎扫描，" +
		"绝不出售或公开，并在数日后删除。",
}
