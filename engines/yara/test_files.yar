// Files that exist to test scanners.

rule EICAR_Test_File
{
  meta:
    description = "The EICAR anti-malware test file"
    reference = "https://www.eicar.org/download-anti-malware-testfile/"
    category = "malicious"
    confidence = 15
    label = "EICAR-Test-File"
    date = "2026-11-22"
  strings:
    // In hexadecimal, so that no scanner takes this rule for the test file.
    $test = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B 48 2A }
  condition:
    $test at 0 and filesize <= 128
}

rule EICAR_Embedded
{
  meta:
    description = "The text of the EICAR test file inside another file, such as an uncompressed archive"
    category = "suspicious"
    confidence = 10
    label = "EICAR-Embedded"
    date = "2026-11-22"
  strings:
    $test = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B 48 2A }
  condition:
    $test and not ($test at 0 and filesize <= 128)
}

rule ClamAV_Test_File
{
  meta:
    description = "The program of Debian's clamav-testfiles, not packed"
    category = "malicious"
    confidence = 15
    label = "ClamAV-Test-File"
    date = "2026-11-22"
  strings:
    $call = "CLAMessageBoxA"
    $mark = "[CLAMAV]"
  condition:
    uint16(0) == 0x5A4D and filesize < 4KB and all of them
}
