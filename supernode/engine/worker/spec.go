package worker

// Profile is what a worker process may do.
type Profile string

const (
	// Parse runs the project's own parsers: no files, no processes, no network,
	// only what a Go program needs to compute (an allow list of system calls).
	Parse Profile = "parse"
	// Command runs other programs: they may read the paths of Spec.Read and start
	// processes; they may not write files or use the network.
	Command Profile = "command"
)

// Defaults of a Spec.
const (
	DefaultMemoryBytes = 1 << 30
	// sandboxID is the user and group a worker changes to when it is started as root.
	sandboxID = 65534
	// parseCPUSeconds ends a worker that nobody watches any more.
	parseCPUSeconds = 3600
)

// Spec is how a worker is locked in; the parent hands it over on the command line.
type Spec struct {
	Profile Profile `json:"profile"`
	// MemoryBytes bounds the private memory of each process (RLIMIT_DATA).
	MemoryBytes uint64 `json:"memory_bytes"`
	// Read are the files and folders that commands may read and execute.
	Read []string `json:"read,omitempty"`
}

// Isolation tells what the kernel granted to a worker.
type Isolation struct {
	// Namespaces is true with own network, process and IPC namespaces.
	Namespaces bool `json:"namespaces"`
	// Jail is true when commands have a file system of their own with nothing but
	// the paths of Spec.Read.
	Jail bool `json:"jail"`
	// Landlock is true when the kernel refuses commands all but the paths of Spec.Read.
	Landlock bool `json:"landlock"`
	// UID the worker runs as.
	UID int `json:"uid"`
}
