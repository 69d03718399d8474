// Packed programs. Packing is no malice: these rules say "suspicious" at most, and
// only for what hides its content.

import "elf"
import "pe"

rule UPX_ELF
{
  meta:
    description = "ELF program packed with UPX"
    category = "suspicious"
    confidence = 3
    label = "Packed.UPX.ELF"
    date = "2026-11-22"
  strings:
    $magic = "UPX!"
    $notice = "$Info: This file is packed with the UPX executable packer"
  condition:
    uint32(0) == 0x464C457F and $magic in (0..512) and ($notice or $magic in (filesize - 512..filesize))
}

rule UPX_PE
{
  meta:
    description = "PE program packed with UPX"
    category = "suspicious"
    confidence = 3
    label = "Packed.UPX.PE"
    date = "2026-11-22"
  strings:
    $magic = "UPX!"
  condition:
    uint16(0) == 0x5A4D and pe.number_of_sections >= 2 and pe.sections[0].name == "UPX0" and
    pe.sections[1].name == "UPX1" and $magic in (0..4096)
}

rule UPX_Altered_PE
{
  meta:
    description = "PE program with the layout of UPX whose marks were removed to defeat unpacking"
    category = "suspicious"
    confidence = 8
    label = "Packed.UPX.Altered"
    date = "2026-11-22"
  strings:
    $magic = "UPX!"
  condition:
    uint16(0) == 0x5A4D and pe.number_of_sections >= 2 and pe.sections[0].name == "UPX0" and
    pe.sections[0].raw_data_size == 0 and not $magic in (0..4096)
}

rule ELF_Without_Sections_Writable_Code
{
  meta:
    description = "ELF program without a section table whose only segment is writable and executable, as droppers and shellcode loaders are"
    category = "suspicious"
    confidence = 9
    label = "Loader.ELF.WritableCode"
    date = "2026-11-22"
  condition:
    uint32(0) == 0x464C457F and elf.number_of_sections == 0 and elf.number_of_segments >= 1 and
    elf.number_of_segments <= 2 and for any i in (0..elf.number_of_segments - 1) : (
      elf.segments[i].type == elf.PT_LOAD and (elf.segments[i].flags & (elf.PF_X | elf.PF_W)) == (elf.PF_X | elf.PF_W)
    )
}
