"""Runs Debian's client of VirusTotal's API v2, unmodified, and prints what it got as JSON.

usage: virustotal_v2.py BASE KEY FILE URL
"""
import json
import sys
import time

from virus_total_apis import PublicApi

base, key, path, url = sys.argv[1:]
client = PublicApi(key)
client.base = base


def report(ask, what):
    """Asks until the scan is finished."""
    for _ in range(240):
        answer = ask(what)
        if answer.get("results", {}).get("response_code") == 1:
            return answer
        time.sleep(0.5)
    return answer


out = {"scan_file": client.scan_file(path)}
sha256 = out["scan_file"]["results"]["sha256"]
out["file"] = report(client.get_file_report, sha256)
out["rescan"] = client.rescan_file(sha256)
out["scan_url"] = client.scan_url(url)
out["url"] = report(client.get_url_report, url)
out["domain"] = client.get_domain_report("account-verify.example")
out["ip"] = client.get_ip_report("192.0.2.1")
out["unknown"] = client.get_file_report("0" * 64)
json.dump(out, sys.stdout)
