// Scripts: web shells, download cradles, reverse shells.

rule PHP_WebShell
{
  meta:
    description = "PHP that hands a request's value to the interpreter or the shell"
    category = "malicious"
    confidence = 11
    label = "WebShell.PHP.Generic"
    date = "2026-11-22"
  strings:
    $php = "<?php" nocase
    $run = /\b(eval|assert|system|passthru|shell_exec|exec|popen|proc_open)\s{0,8}\(\s{0,8}@?\s{0,8}\$_(GET|POST|REQUEST|COOKIE)\s{0,8}\[/ nocase
    $decode = /\b(eval|assert)\s{0,8}\(\s{0,8}@?(gzinflate|gzuncompress|str_rot13|base64_decode)\s{0,8}\(\s{0,8}(base64_decode\s{0,8}\(\s{0,8})?\$_(GET|POST|REQUEST|COOKIE)/ nocase
  condition:
    filesize < 1MB and $php and any of ($run, $decode)
}

rule PHP_Decoded_Eval
{
  meta:
    description = "PHP that evaluates what it decodes; also done by licence protectors"
    category = "suspicious"
    confidence = 8
    label = "Obfuscated.PHP.Eval"
    date = "2026-11-22"
  strings:
    $php = "<?php" nocase
    $eval = /\beval\s{0,8}\(\s{0,8}(gzinflate|gzuncompress|str_rot13|base64_decode)\s{0,8}\(/ nocase
  condition:
    filesize < 2MB and $php and $eval
}

rule PowerShell_Download_Cradle
{
  meta:
    description = "PowerShell that downloads code and evaluates it in memory"
    category = "malicious"
    confidence = 9
    label = "Downloader.PowerShell.Cradle"
    date = "2026-11-22"
  strings:
    $run1 = "iex" nocase ascii wide fullword
    $run2 = "invoke-expression" nocase ascii wide
    $get1 = ".downloadstring(" nocase ascii wide
    $get2 = ".downloaddata(" nocase ascii wide
    $quiet1 = "-nop" nocase ascii wide
    $quiet2 = "-noprofile" nocase ascii wide
    $quiet3 = /-w(indowstyle)?\s{1,4}hidden/ nocase ascii wide
    $quiet4 = /-e(xecution)?p(olicy)?\s{1,4}bypass/ nocase ascii wide
  condition:
    filesize < 1MB and any of ($run*) and any of ($get*) and any of ($quiet*)
}

rule PowerShell_Encoded_Command
{
  meta:
    description = "PowerShell started hidden with an encoded command"
    category = "suspicious"
    confidence = 9
    label = "Obfuscated.PowerShell.EncodedCommand"
    date = "2026-11-22"
  strings:
    $start = "powershell" nocase ascii wide
    $hidden = /-w(indowstyle)?\s{1,4}(hidden|1)\b/ nocase ascii wide
    $encoded = /-e(nc|c|ncodedcommand)?\s{1,4}[A-Za-z0-9+\/]{80}/ nocase ascii
    $encoded_wide = /-e(nc|c|ncodedcommand)?\s{1,4}[A-Za-z0-9+\/]{80}/ nocase wide
  condition:
    filesize < 1MB and $start and $hidden and any of ($encoded*)
}

rule Reverse_Shell_One_Liner
{
  meta:
    description = "One line that connects a shell to a network address"
    category = "malicious"
    confidence = 11
    label = "Backdoor.Script.ReverseShell"
    date = "2026-11-22"
  strings:
    $bash = /\b(ba)?sh\s+-i\s{0,4}>&?\s{0,4}\/dev\/tcp\/[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\/[0-9]{1,5}/
    $netcat = /\b(nc|ncat|netcat)\s[^\n]{0,60}-e\s{0,4}\/bin\/(ba)?sh\b/
    $fifo = /mkfifo\s[^\n]{1,100}\/bin\/(ba)?sh\s+-i\s[^\n]{0,60}\|\s{0,4}(nc|ncat|netcat)\s/
    $python = /socket\.socket\([^\n]{0,200}connect\([^\n]{0,200}dup2\([^\n]{0,300}\/bin\/(ba)?sh/
  condition:
    filesize < 64KB and any of them
}

rule Shell_Download_And_Run
{
  meta:
    description = "Shell script that fetches a program into a world-writable folder, marks it executable and starts it"
    category = "suspicious"
    confidence = 9
    label = "Downloader.Shell.Generic"
    date = "2026-11-22"
  strings:
    $shebang = /^#!\s{0,4}\/(usr\/)?bin\/(env\s+)?(ba|da|k|z)?sh/
    $get = /\b(wget|curl|tftp|ftpget)\s[^\n]{0,120}https?:\/\/[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/
    $folder = /\b(cd\s+)?\/(tmp|var\/run|dev\/shm|mnt)\b/
    $mark = /\bchmod\s+(\+x|[0-7]?77[0-7]|u\+x)/
  condition:
    filesize < 256KB and $shebang at 0 and $get and $folder and $mark
}
