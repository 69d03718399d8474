// Documents that act when they are opened.

rule PDF_Auto_JavaScript
{
  meta:
    description = "PDF that runs JavaScript when it is opened, without a form that would need it"
    category = "suspicious"
    confidence = 7
    label = "PDF.AutoJavaScript"
    date = "2026-11-22"
  strings:
    $open = "/OpenAction"
    $additional = /\/AA\s{0,4}<</
    $script1 = /\/JS\s{0,4}[(<]/
    $script2 = "/JavaScript"
    $form = "/AcroForm"
  condition:
    uint32(0) == 0x46445025 and any of ($open, $additional) and any of ($script*) and not $form
}

rule PDF_Launch
{
  meta:
    description = "PDF that starts a command interpreter"
    category = "malicious"
    confidence = 10
    label = "PDF.Launch"
    date = "2026-11-22"
  strings:
    $launch = /\/Launch\b/
    $program = /\/F\s{0,4}\([^)]{0,80}(cmd|powershell|wscript|mshta|rundll32|\/bin\/(ba)?sh)(\.exe)?\)/ nocase
  condition:
    uint32(0) == 0x46445025 and $launch and $program
}

rule VBA_Auto_Shell
{
  meta:
    description = "VBA source that starts by itself and calls a program"
    category = "malicious"
    confidence = 9
    label = "Macro.VBA.AutoShell"
    date = "2026-11-22"
  strings:
    $auto = /\bSub\s+(Auto_?Open|Document_Open|Workbook_Open|AutoExec)\s{0,4}\(/ nocase
    $shell1 = /\bShell\s{0,4}\(?\s{0,4}"[^"\n]{0,200}(cmd|powershell|mshta|wscript|rundll32)/ nocase
    $shell2 = /CreateObject\s{0,4}\(\s{0,4}"(WScript\.Shell|Shell\.Application)"/ nocase
    $fetch = /(MSXML2\.XMLHTTP|URLDownloadToFile|WinHttp\.WinHttpRequest)/ nocase
  condition:
    filesize < 4MB and $auto and ($shell1 or ($shell2 and $fetch))
}

rule OLE_Macro_Auto_Start
{
  meta:
    description = "Office document with a VBA project that names an automatic start and the shell"
    category = "suspicious"
    confidence = 8
    label = "Macro.OLE.AutoStart"
    date = "2026-11-22"
  strings:
    $project = "_VBA_PROJECT" wide
    $auto1 = "AutoOpen" nocase
    $auto2 = "Auto_Open" nocase
    $auto3 = "Document_Open" nocase
    $auto4 = "Workbook_Open" nocase
    $call1 = "WScript.Shell" nocase
    $call2 = "powershell" nocase
    $call3 = "URLDownloadToFile" nocase
  condition:
    uint32be(0) == 0xD0CF11E0 and $project and any of ($auto*) and any of ($call*)
}
