// Programs: miners, rootkits, injectors.

import "pe"

rule Coin_Miner_Stratum
{
  meta:
    description = "Program that speaks a mining pool's protocol and names a pool or a miner's options"
    category = "suspicious"
    confidence = 9
    label = "CoinMiner.Stratum"
    date = "2026-11-22"
  strings:
    $pool = /stratum\+(tcp|ssl):\/\//
    $login1 = "mining.subscribe"
    $login2 = "mining.authorize"
    $login3 = /"method":\s{0,2}"login"/
    $option1 = "--donate-level"
    $option2 = "randomx" nocase
    $option3 = "cryptonight" nocase
  condition:
    (uint32(0) == 0x464C457F or uint16(0) == 0x5A4D) and $pool and any of ($login*) and any of ($option*)
}

rule ELF_Preload_Rootkit
{
  meta:
    description = "Shared object that hides itself through the dynamic loader: names the preload file and replaces calls that list files"
    category = "malicious"
    confidence = 9
    label = "Rootkit.ELF.Preload"
    date = "2026-11-22"
  strings:
    $preload = "/etc/ld.so.preload"
    $next = "dlsym"
    $list1 = "readdir"
    $list2 = "readdir64"
    $hide1 = "/proc/self/fd/"
    $hide2 = "/proc/net/tcp"
    $shell1 = "/bin/sh"
    $shell2 = "/bin/bash"
  condition:
    uint32(0) == 0x464C457F and uint16(16) == 3 and filesize < 2MB and $preload and $next and any of ($list*) and
    any of ($hide*) and any of ($shell*)
}

rule PE_Process_Injection
{
  meta:
    description = "PE program that imports all it takes to run code in another process; debuggers do too"
    category = "suspicious"
    confidence = 6
    label = "Injector.PE.RemoteThread"
    date = "2026-11-22"
  condition:
    uint16(0) == 0x5A4D and pe.imports("kernel32.dll", "VirtualAllocEx") and
    pe.imports("kernel32.dll", "WriteProcessMemory") and
    (pe.imports("kernel32.dll", "CreateRemoteThread") or pe.imports("kernel32.dll", "QueueUserAPC"))
}
